import { describe, expect, it } from 'vitest';

import { askedBy, csvOf, directionOf, FIRST, queryOf, sortedBy } from '$components/shared/table';

describe('what a table is asked for', () => {
  it('stands in the address, and only what differs', () => {
    const asked = { page: 3, per: 50, sort: '-code', filter: 'x y' };
    expect(queryOf(asked)).toEqual({ page: '3', per: '50', sort: '-code', filter: 'x y' });
    expect(askedBy(queryOf(asked))).toEqual(asked);
    expect(queryOf(FIRST)).toEqual({});
    expect(askedBy({ tab: 'x' })).toEqual(FIRST);
  });

  it.each(['0', '-1', '1.5', 'x', '9999999'])('is not %s', (page) => {
    expect(askedBy({ page, per: page })).toEqual(FIRST);
  });

  it('goes up, down and back by the head of a column, from the first page', () => {
    const start = { ...FIRST, page: 4 };
    const up = sortedBy(start, 'code');
    expect(up).toEqual({ ...FIRST, sort: 'code' });
    expect(directionOf(up, 'code')).toBe('ascending');
    expect(directionOf(up, 'name')).toBe('none');
    const down = sortedBy(up, 'code');
    expect(directionOf(down, 'code')).toBe('descending');
    expect(sortedBy(down, 'code')).toEqual(FIRST);
  });
});

describe('a file for spreadsheets', () => {
  const columns = [
    { id: 'a', label: 'A', text: (row: string[]) => row[0] ?? '' },
    { id: 'b', label: 'B, "b"', text: (row: string[]) => row[1] ?? '' },
  ];

  it('quotes what must be, and runs nothing', () => {
    const rows = [
      ['plain', 'two\nlines'],
      ['=1+1', '-12.5'],
      ['@x', 'a "b"'],
    ];
    expect(csvOf(columns, rows)).toBe(
      '\uFEFFA,"B, ""b"""\r\nplain,"two\nlines"\r\n\'=1+1,-12.5\r\n\'@x,"a ""b"""\r\n',
    );
  });
});
