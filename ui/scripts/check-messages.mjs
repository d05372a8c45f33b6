// Messages must agree: every key in every language, the same placeholders, none unused, all plural
// forms, and words for every error code the device can send.
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const LOCALES = ['ar', 'en'];
/**
 * Marks crowd the dots of letters, so the words are such as read without them. These keep theirs:
 * without a shadda they would be other words (مسلم, مقيم, سجل), and نام is "slept".
 */
const MARKED = new Set(
  `المسلّم مسلّم مسلّمة المسلّمة تسلّم سلّم سلّمها وسلّمها سجّل سجّله معدّ المعدّ معدّة المعدّة
   المقيّم مقيّم مقيّمة يقيّم حدّث ليحدّث غيّر شغّل ووقّع نامٍ`.split(/\s+/),
);
const PLURALS = { ar: ['zero', 'one', 'two', 'few', 'many', 'other'], en: ['one', 'other'] };
const faults = [];
const marked = new Set();

function readMessages(locale) {
  const folder = join(root, 'messages', locale);
  const all = new Map();
  for (const file of readdirSync(folder).sort()) {
    const entries = Object.entries(JSON.parse(readFileSync(join(folder, file), 'utf8')));
    for (const [key, message] of entries) {
      if (key === '$schema') continue;
      if (all.has(key)) faults.push(`${locale}/${file}: ${key} is given twice`);
      const area = file.replace('.json', '').replace(/s$/, '');
      if (!key.startsWith(`${area}_`))
        faults.push(`${locale}/${file}: ${key} must begin with ${area}_`);
      all.set(key, message);
    }
  }
  return all;
}

function patterns(message) {
  return typeof message === 'string' ? [message] : Object.values(message[0].match);
}

/** What the caller must give: the declared inputs, or the names in braces. */
function inputs(message) {
  const used = (text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  if (typeof message === 'string') return [...new Set(used(message))].sort();
  const declared = message[0].declarations.filter((line) => line.startsWith('input '));
  return declared.map((line) => line.slice('input '.length)).sort();
}

function checkPlural(locale, key, message) {
  if (typeof message === 'string') return;
  const { declarations, selectors, match } = message[0];
  for (const selector of selectors) {
    if (
      !declarations.some(
        (line) => line.startsWith(`local ${selector} =`) && line.endsWith(': plural'),
      )
    )
      continue;
    const given = Object.keys(match).map((key) => key.split('=')[1]);
    const missing = PLURALS[locale].filter((form) => !given.includes(form));
    if (missing.length > 0) faults.push(`${locale}: ${key} lacks the forms ${missing.join(', ')}`);
  }
}

/** Words with marks other than the tanwin of an accusative, which no other word stands in for. */
function checkMarks(locale, key, text) {
  for (const [word] of text.matchAll(/[\p{Script=Arabic}\p{Mn}]+/gu)) {
    if (!/[\u064C-\u065F\u0670]/.test(word)) continue;
    marked.add(word);
    if (!MARKED.has(word)) faults.push(`${locale}: ${key} has marks on «${word}»`);
  }
}

function sources(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return name === 'paraglide' ? [] : sources(path);
    return /\.(svelte|ts)$/.test(name) ? [readFileSync(path, 'utf8')] : [];
  });
}

function protocolCodes() {
  const rust = readFileSync(join(root, '../crates/protocol/src/code.rs'), 'utf8');
  const table = rust.slice(rust.indexOf('pub const CODES'), rust.indexOf('];'));
  return [...table.matchAll(/\(\s*"([a-z_]+\.[a-z_]+)"/g)].map(([, code]) => code);
}

/** The shell has codes of its own. */
function shellCodes() {
  const rust = readFileSync(join(root, '../src-tauri/src/error.rs'), 'utf8');
  return [...rust.matchAll(/"(host\.[a-z_]+)"/g)].map(([, code]) => code);
}

const byLocale = Object.fromEntries(LOCALES.map((locale) => [locale, readMessages(locale)]));
const keys = new Set(LOCALES.flatMap((locale) => [...byLocale[locale].keys()]));
const code = sources(join(root, 'src')).join('\n');
const used = new Set(
  [...code.matchAll(/\b(?:m|messages)\s*\.\s*([a-z][a-z0-9_]*)/g)].map(([, key]) => key),
);

for (const key of [...keys].sort()) {
  const given = LOCALES.filter((locale) => byLocale[locale].has(key));
  for (const locale of LOCALES)
    if (!given.includes(locale)) faults.push(`${locale}: ${key} is missing`);
  const names = given.map((locale) => inputs(byLocale[locale].get(key)).join(', '));
  if (new Set(names).size > 1) faults.push(`${key}: placeholders differ: ${names.join(' | ')}`);
  for (const locale of given) {
    const message = byLocale[locale].get(key);
    checkPlural(locale, key, message);
    for (const text of patterns(message)) checkMarks(locale, key, text);
    if (patterns(message).some((text) => text.trim() === ''))
      faults.push(`${locale}: ${key} is empty`);
    // One spelling everywhere, and the one that search finds: the tanwin before its alef.
    if (patterns(message).some((text) => text.includes('اً')))
      faults.push(`${locale}: ${key} has the tanwin on the alef`);
  }
  // Words for codes are looked up by the code, the rest by name.
  if (!key.startsWith('error_') && !used.has(key)) faults.push(`${key} is not used`);
}

for (const word of MARKED) if (!marked.has(word)) faults.push(`no message has «${word}»`);

const codes = protocolCodes();
if (codes.length < 50) faults.push(`only ${codes.length} codes were found in the protocol`);
const host = shellCodes();
if (host.length < 5) faults.push(`only ${host.length} codes were found in the shell`);
const own = ['ui.unreachable', 'unknown'];
const wanted = new Set(
  [...codes, ...host, ...own].map((name) => `error_${name.replace('.', '_')}`),
);
for (const key of wanted)
  if (!keys.has(key)) faults.push(`${key} is missing: the device can send it`);
for (const key of keys) {
  if (key.startsWith('error_') && !wanted.has(key)) faults.push(`${key}: nothing sends this code`);
}

/** What the guides quote, people look for on the screen: it must stand there word for word. */
const QUOTED = { ar: /«([^»]+)»/g, en: /"([^"]+)"/g };
for (const locale of LOCALES) {
  const guide = readFileSync(join(root, '../docs/guide', locale, 'evaluator.md'), 'utf8');
  const shown = [...byLocale[locale].values()].flatMap(patterns);
  const quotes = [...guide.matchAll(QUOTED[locale])].map(([, words]) => words);
  if (quotes.length < 20) faults.push(`${locale}: only ${quotes.length} quotes in the guide`);
  for (const words of quotes)
    if (!shown.some((text) => text.includes(words)))
      faults.push(`${locale}: the guide quotes “${words}”, and no screen says so`);
}

if (faults.length > 0) {
  console.error(faults.join('\n'));
  process.exit(1);
}
console.log(
  `${keys.size} messages in ${LOCALES.length} languages, ${codes.length} codes: all agree`,
);
