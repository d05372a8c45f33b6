import { expect, test } from 'vitest';

import { Naming } from '$lib/committee/naming.svelte';
import { setLanguage } from '$lib/i18n.svelte';

const both = (ar: string, en: string) => ({ ar, en });
const rubric = (id: string, name: string) => ({
  id: `rubric-${id}`,
  title: both('دليل', `Guide of ${name}`),
  levels: [{ id: `${id}-best`, name: both('الأول', `Best of ${name}`) }],
  pillars: [
    { id, name: both('محور', name), criteria: [{ id: `${id}1`, name: both('معيار', 'One') }] },
  ],
});
const shelf = (sha256: string) =>
  sha256 === 'gone'
    ? Promise.reject(new Error('not there'))
    : Promise.resolve(rubric(sha256.toUpperCase(), `Pillar of ${sha256}`) as never);

test('ids and the usual words stand in until a rubric was read', async () => {
  setLanguage('en', 'latn');
  const naming = new Naming(shelf);
  expect(naming.pillar('A')).toBe('Pillar \u2068A\u2069');
  expect(naming.level('gold')).toBe('Gold');
  expect(naming.levels).toContain('platinum');
  await naming.take(['a']);
  expect(naming.pillar('A')).toBe('\u2068A\u2069 Pillar of a');
  expect(naming.criterion('A1')).toBe('\u2068A1\u2069 One');
  expect(naming.outcome('level', 'A-best')).toBe('Best of Pillar of a');
  expect(naming.outcome('no_score', null)).toBe('No score');
  expect(naming.rubric({ id: 'rubric-A', version: '1.2.0' })).toBe(
    'Guide of Pillar of a \u20681.2.0\u2069',
  );
  expect(naming.rubric({ id: 'other', version: '1.0.0' })).toBe('other \u20681.0.0\u2069');
  expect(naming.levels, 'only levels that can be given').toEqual(['A-best']);
});

test('a rubric that cannot be read takes no other’s names away', async () => {
  setLanguage('ar', 'latn');
  const naming = new Naming(shelf);
  await naming.take(['gone', 'b']);
  expect(naming.pillar('B')).toBe('\u2068B\u2069 محور');
  expect(naming.criterion('Z9')).toBe('المعيار \u2068Z9\u2069');
});

test('what was asked for last is what is shown', async () => {
  setLanguage('en', 'latn');
  const naming = new Naming(async (sha256) => {
    if (sha256 === 'a') await Promise.resolve().then(() => Promise.resolve());
    return rubric(sha256.toUpperCase(), sha256) as never;
  });
  const first = naming.take(['a']);
  await naming.take(['b']);
  await first;
  expect(naming.pillar('A')).toBe('Pillar \u2068A\u2069');
  expect(naming.pillar('B')).toBe('\u2068B\u2069 b');
});
