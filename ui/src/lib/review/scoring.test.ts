import { expect, it } from 'vitest';

import type { Answer } from '$lib/api/central/review';
import { ApiError } from '$lib/api/error';
import type { Criterion } from '$lib/api/types';
import { Scoring } from '$lib/review/scoring.svelte';

const criterion = { id: 'A1' } as unknown as Criterion;
const settled = () => new Promise((resolve) => setTimeout(resolve));

it('sends what is given, and of several at once the last', async () => {
  const sent: Answer[] = [];
  const scoring = new Scoring(criterion, null, (answer) => Promise.resolve(sent.push(answer)));
  expect(scoring.isSaved).toBe(false);
  scoring.give({ value: true });
  scoring.give({ ne: 'dark' });
  scoring.give({ value: false });
  expect(scoring.state).toBe('saving');
  await settled();
  expect(sent).toEqual([{ criterion: 'A1', value: false }]);
  expect(scoring.isSaved).toBe(true);
});

it('keeps what could not be saved, and tries again when asked', async () => {
  let isBroken = true;
  const scoring = new Scoring(criterion, null, () =>
    isBroken
      ? Promise.reject(new ApiError(503, { code: 'server.busy', params: {} }))
      : Promise.resolve(),
  );
  scoring.give({ value: true });
  await settled();
  expect(scoring.error?.code).toBe('server.busy');
  expect([scoring.isSaved, scoring.answer?.value]).toEqual([false, true]);
  isBroken = false;
  scoring.again();
  await settled();
  expect(scoring.isSaved).toBe(true);
});
