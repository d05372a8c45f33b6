/** A list that is here as a whole, shown a page at a time as the server's lists are. */

/** What of a column matters here. */
interface Sorted<Row> {
  sort?: string;
  text: (row: Row) => string;
}

interface Wanted {
  page: number;
  per: number;
  sort: string;
  filter: string;
}

/** The rows that hold the text, in the order asked for, and those of the page. */
export function localPage<Row>(
  all: readonly Row[],
  { page, per, sort, filter }: Wanted,
  columns: readonly Sorted<Row>[],
  language: string,
): { found: Row[]; rows: Row[] } {
  const wanted = filter.trim().toLowerCase();
  const found = all.filter((row) =>
    columns.some((column) => column.text(row).toLowerCase().includes(wanted)),
  );
  const isDescending = sort.startsWith('-');
  const by = columns.find((column) => column.sort === sort.replace(/^-/, ''));
  if (sort !== '' && by) {
    const compare = new Intl.Collator(language, { numeric: true }).compare;
    found.sort((a, b) => (isDescending ? -1 : 1) * compare(by.text(a), by.text(b)));
  }
  return { found, rows: found.slice((page - 1) * per, page * per) };
}
