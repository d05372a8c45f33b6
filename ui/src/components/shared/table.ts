/**
 * What a table shows and how it was asked for. Sorting, filtering and paging are the server's; a table
 * only says what is wanted.
 */
import type { Snippet } from 'svelte';

/** A column. */
export interface Column<Row> {
  id: string;
  label: string;
  /** The word the server sorts by; left out where it does not. */
  sort?: string;
  /** Numbers stand at the end, so that their places line up. */
  align?: 'start' | 'end';
  /** Dates and codes stay on one line. */
  isShort?: boolean;
  /** Names its row for those who listen: one column of each table. */
  isHeader?: boolean;
  /** The cell as text: what is exported, and what is shown where there is no `cell`. */
  text: (row: Row) => string;
  cell?: Snippet<[Row]>;
}

/** Which part of a list is wanted. */
export interface Asked {
  page: number;
  per: number;
  /** A column's word, with `-` before it for descending; empty for the list's own order. */
  sort: string;
  filter: string;
}

/** The words of a table. */
export interface TableWords {
  filter: string;
  clear: string;
  export: string;
  loading: string;
  previous: string;
  next: string;
  perPage: string;
  /** "26–50 of 90" */
  range: (from: number, to: number, total: number) => string;
  pages: string;
}

export const FIRST: Asked = { page: 1, per: 25, sort: '', filter: '' };
export const PER_PAGE = [25, 50, 100, 200] as const;

/** What an address asks for; whatever makes no sense is as if it were not there. */
export function askedBy(query: Record<string, string>): Asked {
  const whole = (text: string | undefined, otherwise: number) =>
    text !== undefined && /^[1-9]\d{0,5}$/.test(text) ? Number(text) : otherwise;
  const per = whole(query.per, FIRST.per);
  return {
    page: whole(query.page, FIRST.page),
    per: PER_PAGE.some((one) => one === per) ? per : FIRST.per,
    sort: query.sort ?? FIRST.sort,
    filter: query.filter ?? FIRST.filter,
  };
}

/** The same as an address has it: only what differs from the beginning. */
export function queryOf(asked: Asked): Record<string, string> {
  const entries = Object.entries(asked).filter(
    ([name, value]) => value !== FIRST[name as keyof Asked],
  );
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}

export type Direction = 'ascending' | 'descending' | 'none';

/** How a column stands in the order that was asked for. */
export function directionOf(asked: Asked, sort: string): Direction {
  if (asked.sort === sort) return 'ascending';
  return asked.sort === `-${sort}` ? 'descending' : 'none';
}

/** What a press on a column's head asks for: up, down, and the list's own order again. */
export function sortedBy(asked: Asked, sort: string): Asked {
  const next = { none: sort, ascending: `-${sort}`, descending: '' }[directionOf(asked, sort)];
  return { ...asked, sort: next, page: 1 };
}

/** Rows as a file for spreadsheets. Nothing a person wrote is taken for a formula there. */
export function csvOf<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const cell = (text: string) => {
    const harmless = /^[=+\-@\t\r]/.test(text) && !/^-?[\d.,]+%?$/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
  };
  const lines = [columns.map((column) => cell(column.label))];
  for (const row of rows) lines.push(columns.map((column) => cell(column.text(row))));
  // The mark tells spreadsheets that this is UTF-8.
  return `\uFEFF${lines.map((line) => line.join(',')).join('\r\n')}\r\n`;
}
