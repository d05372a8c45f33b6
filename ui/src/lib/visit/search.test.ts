import { describe, expect, it } from 'vitest';
import { folded, isFound } from '$lib/visit/search';

describe('finding a criterion', () => {
  const hay = folded('A4 مواقف لذوي الإعاقة ومسارٌ خالٍ من العوائق Reserved disabled bays');
  const found = [
    'a4',
    'A٤',
    'الاعاقه',
    'الإعاقة',
    'خال',
    'DISABLED bays',
    'bays a4',
    '',
    ' مواقف  ',
  ];
  it.each(found)('%j finds it', (query) => {
    expect(isFound(hay, folded(query))).toBe(true);
  });
  it.each(['a5', 'مصعد', 'disabled lift'])('%j does not', (query) => {
    expect(isFound(hay, folded(query))).toBe(false);
  });
});
