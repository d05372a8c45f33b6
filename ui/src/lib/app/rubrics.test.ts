import { describe, expect, it } from 'vitest';

import { Rubrics } from '$lib/app/rubrics';
import { criterion, rubricOf, viewOf } from '$lib/visit/testing';

const { summary } = viewOf({ state: 'accepted' });
const listed = (visit: string, part: Partial<typeof summary> = {}) => ({
  ...summary,
  to_answer: 1,
  visit,
  ...part,
});

/** A device that writes down what it is asked; `refuse` fails that many calls. */
function shelf() {
  const calls: string[] = [];
  const control = { refuse: 0, before: () => {} };
  const asked = async (call: string) => {
    calls.push(call);
    control.before();
    if ((control.refuse -= 1) >= 0) throw new Error(call);
  };
  const rubrics = new Rubrics({
    visit: async (visit) => {
      await asked(`visit ${visit}`);
      return { rubric: { id: 'r', version: '1', sha256: `of ${visit}` } };
    },
    rubric: async (sha256) => {
      await asked(`rubric ${sha256}`);
      return rubricOf({ A: [criterion('A1')] });
    },
  });
  return { rubrics, calls, control };
}

describe('rubrics', () => {
  it('are read once, also when asked for twice at the same time', async () => {
    const { rubrics, calls } = shelf();
    const [one, two] = await Promise.all([rubrics.get('x'), rubrics.get('x')]);
    expect(one).toBe(two);
    expect(await rubrics.get('x')).toBe(one);
    expect(calls).toEqual(['rubric x']);
  });

  it('that could not be read are asked for again', async () => {
    const { rubrics, calls, control } = shelf();
    control.refuse = 1;
    await expect(rubrics.get('x')).rejects.toThrow('rubric x');
    await rubrics.get('x');
    expect(calls).toEqual(['rubric x', 'rubric x']);
  });

  it('are read ahead for one visit of each cycle and model that has its rubric here', async () => {
    const { rubrics, calls } = shelf();
    const visits = [
      listed('none', { to_answer: null }),
      listed('first'),
      listed('second'),
      listed('remote', { model: 'remote' }),
      listed('later', { cycle: '2' }),
    ];
    await rubrics.readAhead(visits);
    await rubrics.readAhead(visits);
    expect(calls).toEqual(
      ['first', 'remote', 'later'].flatMap((visit) => [`visit ${visit}`, `rubric of ${visit}`]),
    );
    await rubrics.get('of first');
    expect(calls).toHaveLength(6);
  });

  it('that could not be read ahead are tried again, and nobody hears of it', async () => {
    const { rubrics, calls, control } = shelf();
    control.refuse = 1;
    await rubrics.readAhead([listed('first')]);
    await rubrics.readAhead([listed('first')]);
    expect(calls).toEqual(['visit first', 'visit first', 'rubric of first']);
  });

  it('are forgotten, and what was under way stops', async () => {
    const { rubrics, calls, control } = shelf();
    await rubrics.get('x');
    control.before = () => rubrics.forget();
    await rubrics.readAhead([listed('first')]);
    control.before = () => {};
    await rubrics.get('x');
    expect(calls).toEqual(['rubric x', 'visit first', 'rubric x']);
  });
});
