// A meeting on the screen: what is asked of the server about it, one thing at a time, and what came of it.
import { committee, type Meeting, type Vote } from '$lib/api/central/committee';
import type { ApiError } from '$lib/api/error';
import { Action } from '$lib/app/action.svelte';
import { Live, mutate, type Hub } from '$lib/portal/live.svelte';

export class MeetingDesk {
  readonly id: string;
  readonly live: Live<Meeting>;
  readonly #hub: Hub;
  readonly #action = new Action();
  /** What was asked last is about: a centre's id, or the meeting itself. */
  #about = $state('');

  constructor(hub: Hub, id: string) {
    this.id = id;
    this.#hub = hub;
    this.live = new Live(hub, ['results'], () => committee.meetings.read(id));
  }

  /** Whether something about a centre, or about the meeting itself, is under way. */
  isBusy(about = ''): boolean {
    return this.#action.busy && this.#about === about;
  }

  /** Why the last thing about a centre, or about the meeting itself, was refused. */
  errorOf(about = ''): ApiError | null {
    return this.#about === about ? this.#action.error : null;
  }

  /** Sends something; the answer is the meeting as it is afterwards. True when it went well. */
  async #send(about: string, send: () => Promise<Meeting>, show?: () => () => void) {
    if (this.#action.busy) return false;
    this.#about = about;
    return await this.#action.run(async () => {
      this.live.data = await mutate(this.#hub, { topics: [], show, send });
      this.#hub.changed('results');
    });
  }

  attend(present: string[]): Promise<boolean> {
    const show = () =>
      this.live.show((meeting) => ({
        ...meeting,
        members: meeting.members.map((member) => ({
          ...member,
          present: present.includes(member.person),
        })),
      }));
    return this.#send('', () => committee.meetings.change(this.id, { present }), show);
  }

  add(centres: string[]): Promise<boolean> {
    return this.#send('', () => committee.meetings.change(this.id, { add: centres }));
  }

  remove(centre: string): Promise<boolean> {
    return this.#send(centre, () => committee.meetings.change(this.id, { remove: [centre] }));
  }

  step(event: 'open' | 'close'): Promise<boolean> {
    return this.#send('', () => committee.meetings.step(this.id, event));
  }

  stepItem(centre: string, event: 'open_ballot' | 'close_ballot' | 'defer'): Promise<boolean> {
    return this.#send(centre, () => committee.meetings.stepItem(this.id, centre, event));
  }

  vote(centre: string, vote: Vote): Promise<boolean> {
    return this.#send(centre, () => committee.meetings.vote(this.id, centre, vote));
  }

  note(centre: string, text: string): Promise<boolean> {
    return this.#send(centre, () => committee.meetings.note(this.id, centre, text));
  }

  dissent(centre: string, text: string): Promise<boolean> {
    return this.#send(centre, () => committee.meetings.dissent(this.id, centre, text));
  }

  recuse(centre: string, person: string, reason: string): Promise<boolean> {
    return this.#send(centre, () => committee.meetings.recuse(this.id, centre, person, reason));
  }
}
