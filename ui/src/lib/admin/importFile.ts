/** A file of agencies or centres: its template, how it is read, and its faults in words. */
import type { ImportFault, ImportKind } from '$lib/api/central/admin';
import { fmt } from '$lib/i18n.svelte';
import { isolated } from '$lib/format';
import { m } from '$paraglide/messages';

const HEADINGS: Record<string, () => string> = {
  code: () => m.admin_import_code(),
  agency: () => m.admin_import_agency(),
  model: () => m.admin_import_model(),
  name_ar: () => m.admin_import_name_ar(),
  name_en: () => m.admin_import_name_en(),
  governorate: () => m.admin_import_governorate(),
  size: () => m.admin_import_size(),
  operator: () => m.admin_import_operator(),
};
const COLUMNS: Record<ImportKind, readonly string[]> = {
  agencies: ['code', 'name_ar', 'name_en'],
  centres: ['code', 'agency', 'model', 'name_ar', 'name_en', 'governorate', 'size', 'operator'],
};

/** A column by its heading in the reader's language, which the server understands too. */
export const headingOf = (column: string): string => HEADINGS[column]?.() ?? column;
export const headingsOf = (kind: ImportKind): string[] => COLUMNS[kind].map(headingOf);

/** Rows as a file of the kind would have them. */
export function exampleOf(kind: ImportKind): string[][] {
  if (kind === 'agencies') {
    return [
      ['MOH', 'وزارة الصحة', 'Ministry of Health'],
      ['ICR', 'هيئة الهوية والسجل المدني', 'Identity and Civil Registry Authority'],
    ];
  }
  const [inPerson, remote] = [m.app_model_in_person(), m.app_model_remote()];
  const capital = m.admin_import_example_governorate();
  return [
    ['C-101', 'MOH', inPerson, 'مركز الرعاية', 'Care Centre', capital, m.admin_size_medium(), ''],
    ['C-102', 'ICR', remote, 'مركز الاتصال', 'Contact Centre', '', '', ''],
  ];
}

const cell = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
const file = (lines: string[][]) =>
  // The mark tells spreadsheets that this is UTF-8.
  `\uFEFF${lines.map((line) => line.map(cell).join(',')).join('\r\n')}\r\n`;

/** A file to fill in: the headings alone. */
export const templateOf = (kind: ImportKind): string => file([headingsOf(kind)]);
export const exampleFileOf = (kind: ImportKind): string =>
  file([headingsOf(kind), ...exampleOf(kind)]);

/** The text of a file; null where it is written in another way than UTF-8. */
export async function readText(given: Blob): Promise<string | null> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await given.arrayBuffer());
  } catch {
    return null;
  }
}

type Fault = Omit<ImportFault, 'line'>;
const number = (text: string | undefined) => fmt().number(Number(text ?? 0));
const WORDS: Record<ImportFault['problem'], (fault: Fault) => string> = {
  no_rows: () => m.admin_fault_no_rows(),
  column_missing: ({ column }) => m.admin_fault_column_missing({ column: headingOf(column ?? '') }),
  column_unknown: ({ allowed }) =>
    m.admin_fault_column_unknown({ allowed: fmt().list((allowed ?? []).map(headingOf)) }),
  column_twice: () => m.admin_fault_column_twice(),
  fields: ({ value, allowed }) =>
    m.admin_fault_fields({ found: number(value), expected: number(allowed?.[0]) }),
  unreadable: () => m.admin_fault_unreadable(),
  empty: () => m.admin_fault_empty(),
  code: () => m.admin_fault_code(),
  taken: () => m.admin_fault_taken(),
  twice: ({ allowed }) => m.admin_fault_twice({ line: number(allowed?.[0]) }),
  no_agency: () => m.admin_fault_no_agency(),
  not_allowed: ({ allowed }) =>
    m.admin_fault_not_allowed({ allowed: fmt().either((allowed ?? []).map(wordOf)) }),
  too_long: ({ allowed }) => m.admin_fault_too_long({ most: number(allowed?.[0]) }),
};

/** A word of a closed list as its reader would write it. */
function wordOf(word: string): string {
  const words: Record<string, () => string> = {
    in_person: () => m.app_model_in_person(),
    remote: () => m.app_model_remote(),
    small: () => m.admin_size_small(),
    medium: () => m.admin_size_medium(),
    large: () => m.admin_size_large(),
  };
  return isolated(words[word]?.() ?? word);
}

/** What is wrong, and what may stand there. */
export const faultWords = (fault: Fault): string => WORDS[fault.problem](fault);
