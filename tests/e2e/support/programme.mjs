// A small programme on a server, made over HTTP as administrators and the central team make it:
// agencies, centres, rubrics, an open cycle, people, visits.

import { join } from 'node:path';

import { IN_PERSON, REMOTE } from '../fixtures/rubrics.mjs';
import { ROOT } from './processes.mjs';

/** @typedef {import('./central.mjs').Central} Central */
/** @typedef {import('./central.mjs').Session} Session */
/** @typedef {{ ar: string, en: string }} Text */
/** @typedef {{ id: string, code: string, name: Text, model: 'in_person' | 'remote' }} Centre */
/** @typedef {{ id: string, user: string, password: string, name: Text }} Person */
/**
 * @typedef {object} VisitWish
 * @property {Centre} [centre] A new one of its own when left out.
 * @property {'in_person' | 'remote'} [model] Of the new centre.
 * @property {'unannounced' | 'scheduled'} [kind]
 * @property {number} [from] Days from today.
 * @property {number} [to] Days from today.
 * @property {Text} [scenario]
 * @property {object} [brief]
 */

const STAFF_PASSWORD = 'mizan-test-staff';

export const SCENARIO = {
  ar: 'تقدّم بطلب عادي بمستنداته كاملة دون موعد مسبق، واسأل عن الرسوم ومدة الإنجاز قبل الدفع.',
  en: 'Make an ordinary application with complete documents and no appointment; ask about the fee and the completion time before paying.',
};

export const BRIEF = {
  persona: {
    ar: 'موظف في القطاع الخاص يراجع المركز للمرة الأولى.',
    en: 'A private-sector employee who comes to the centre for the first time.',
  },
  answer_key: {
    ar: 'الرسم 10 دنانير، ومدة الإنجاز ثلاثة أيام عمل.',
    en: 'The fee is 10 dinars; completion takes three working days.',
  },
  safety: {
    ar: 'لا تصوّر أشخاصًا، وغادر إن طُلب منك ذلك.',
    en: 'Do not photograph people; leave if you are asked to.',
  },
  max_minutes: 90,
  report_within_h: 24,
};

/** A day so many days from today, `YYYY-MM-DD`, by this machine's clock. */
export function day(/** @type {number} */ fromToday) {
  const date = new Date(Date.now() + fromToday * 86_400_000);
  const two = (/** @type {number} */ number) => String(number).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

export class Programme {
  /**
   * @param {Central} central
   * @param {Session} administrator
   */
  constructor(central, administrator) {
    this.central = central;
    this.administrator = administrator;
    /** @type {Session} */
    this.team = administrator;
    this.agency = { id: '', name: { ar: '', en: '' } };
    this.cycle = { id: '', number: '' };
    this.rubrics = /** @type {{ id: string, sha256: string }[]} */ ([]);
    this.centres = /** @type {Centre[]} */ ([]);
    this.count = 0;
  }

  /**
   * Sets a programme up and opens its cycle.
   *
   * @param {Central} central
   * @param {object} [wishes]
   * @param {object[]} [wishes.rubrics] JSON of rubrics; the small ones when left out.
   * @param {boolean} [wishes.shipped] The shipped rubrics instead.
   * @param {number} [wishes.spare] How many centres of each model wait for visits.
   * @param {Omit<Centre, 'id'>[]} [wishes.centres] Centres with names of their own.
   * @param {Text} [wishes.agency]
   * @param {string} [wishes.number] Of the cycle; one of its own when left out.
   */
  static async setUp(central, wishes = {}) {
    const administrator = await central.administrator();
    const programme = new Programme(central, administrator);
    const unique = String(Date.now() % 1e9);
    const name = wishes.agency ?? {
      ar: 'هيئة الهوية والسجل المدني',
      en: 'Identity and Civil Registry Authority',
    };
    programme.agency = await administrator.post('/api/agencies', { code: `AG${unique}`, name });
    await programme.#addRubrics(wishes);
    for (const centre of wishes.centres ?? programme.#spareCentres(wishes.spare ?? 12)) {
      await programme.#addCentre(centre);
    }
    await programme.#addCycle(wishes.number ?? unique);
    const { user, password } = await programme.addPerson('central_team');
    programme.team = await central.signIn(user, password);
    // A cycle opens with a plan: one visit that nobody is given.
    const [first] = programme.centres;
    if (!first) throw new Error('a programme needs a centre');
    await programme.#plan({ centre: first });
    await programme.team.post(`/api/cycles/${programme.cycle.id}/step`, { event: 'open' });
    return programme;
  }

  /**
   * Adds a person of a role.
   *
   * @param {string} role
   * @param {Text} [name]
   * @param {string} [account] One of their own when left out.
   */
  async addPerson(role, name = { ar: 'سارة', en: 'Sara' }, account) {
    this.count += 1;
    const unique = `${role.replaceAll('_', '.')}.${Date.now() % 1e9}.${this.count}`;
    const user = account ?? unique;
    // A manager has a centre, a coordinator an agency.
    const [centre] = role === 'manager' ? this.centres : [];
    const agency = role === 'coordinator' ? this.agency.id : undefined;
    const body = { user, password: STAFF_PASSWORD, name, role, centre: centre?.id, agency };
    /** @type {{ id: string }} */
    const { id } = await this.administrator.post('/api/people', body);
    return /** @type {Person} */ ({ id, user, password: STAFF_PASSWORD, name });
  }

  /** A reviewer's session. */
  async reviewer() {
    const { user, password } = await this.addPerson('reviewer');
    return this.central.signIn(user, password);
  }

  /**
   * Plans a visit and gives it to an evaluator; the visit's id.
   *
   * @param {Person} evaluator
   * @param {VisitWish} [wish]
   */
  async assign(evaluator, wish = {}) {
    const visit = await this.#plan(wish);
    await this.team.post(`/api/visits/${visit}/assign`, { evaluator: evaluator.id });
    return visit;
  }

  /** How the server sees a visit. */
  async visit(/** @type {string} */ id) {
    const path = `/api/cycles/${this.cycle.id}/visits`;
    /** @type {{ id: string, state: string, centre: string }[]} */
    const visits = await this.team.get(path);
    const found = visits.find((visit) => visit.id === id);
    if (!found) throw new Error(`the server has no visit ${id}`);
    return found;
  }

  /** @param {VisitWish} wish */
  async #plan(wish) {
    const centre = wish.centre ?? this.nextCentre(wish.model ?? 'in_person');
    const body = {
      centre: centre.id,
      kind: wish.kind ?? 'unannounced',
      from: day(wish.from ?? -3),
      to: day(wish.to ?? 10),
      scenario: wish.scenario ?? SCENARIO,
      brief: wish.brief ?? BRIEF,
    };
    /** @type {{ id: string }} */
    const { id } = await this.team.post(`/api/cycles/${this.cycle.id}/visits`, body);
    return id;
  }

  /**
   * The next centre of a model, in turn: nobody is sent to the same centre twice in a cycle.
   *
   * @param {'in_person' | 'remote'} model
   */
  nextCentre(model) {
    const place = this.centres.findIndex((centre) => centre.model === model);
    const [centre] = place < 0 ? [] : this.centres.splice(place, 1);
    if (!centre) throw new Error(`no centre of the model ${model}`);
    this.centres.push(centre);
    return centre;
  }

  /** @param {{ rubrics?: object[], shipped?: boolean }} wishes */
  async #addRubrics(wishes) {
    if (wishes.shipped) {
      for (const name of ['in-person.toml', 'remote.toml']) {
        const file = join(ROOT, 'rubrics', name);
        this.rubrics.push(await this.central.addRubricFile(this.administrator, file));
      }
      return;
    }
    for (const rubric of wishes.rubrics ?? [IN_PERSON, REMOTE]) {
      this.rubrics.push(await this.administrator.post('/api/rubrics', rubric));
    }
  }

  /**
   * @param {number} count
   * @returns {Omit<Centre, 'id'>[]}
   */
  #spareCentres(count) {
    const unique = Date.now() % 1e9;
    return Array.from({ length: count }, (_, place) => {
      const isRemote = place % 4 === 3;
      const number = place + 1;
      return {
        code: `C${unique}-${number}`,
        model: /** @type {Centre['model']} */ (isRemote ? 'remote' : 'in_person'),
        name: isRemote
          ? { ar: `مركز الاتصال رقم ${number}`, en: `Contact Centre number ${number}` }
          : {
              ar: `مركز خدمات الهوية رقم ${number}`,
              en: `Identity Services Centre number ${number}`,
            },
      };
    });
  }

  /** @param {Omit<Centre, 'id'>} centre */
  async #addCentre({ code, model, name }) {
    const body = { code, model, name, agency: this.agency.id };
    this.centres.push(await this.administrator.post('/api/centres', body));
  }

  async #addCycle(/** @type {string} */ number) {
    /** @type {{ id: string, number: string }} */
    const cycle = await this.administrator.post('/api/cycles', {
      number,
      name: { ar: 'الدورة الرابعة', en: 'Cycle 4' },
      programme: {
        ar: 'برنامج تقييم مراكز الخدمة الحكومية',
        en: 'Government Service Centre Evaluation Programme',
      },
      rubrics: this.rubrics.map(({ sha256 }) => sha256),
      centres: this.centres.map(({ id }) => id),
    });
    this.cycle = cycle;
    await this.administrator.post(`/api/cycles/${cycle.id}/notice`, {
      date: day(-30),
      text: { ar: 'تبدأ الزيارات قريبًا.', en: 'Visits begin shortly.' },
      recipients: 'all agencies with a centre in the cycle',
    });
  }
}
