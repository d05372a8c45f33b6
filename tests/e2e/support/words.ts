// The words of the screens, read from the same files the screens are made of: a test names what it
// looks for by its key and finds it in either language.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type admin from '../../../ui/messages/en/admin.json';
import type app from '../../../ui/messages/en/app.json';
import type appeals from '../../../ui/messages/en/appeals.json';
import type centre from '../../../ui/messages/en/centre.json';
import type committee from '../../../ui/messages/en/committee.json';
import type errors from '../../../ui/messages/en/errors.json';
import type portal from '../../../ui/messages/en/portal.json';
import type review from '../../../ui/messages/en/review.json';
import type visit from '../../../ui/messages/en/visit.json';
import { ROOT } from './processes.mjs';

export type Language = 'ar' | 'en';
/** A key of the message files: one that is gone fails the type check. */
export type Key =
  | keyof typeof app
  | keyof typeof errors
  | keyof typeof visit
  | keyof typeof portal
  | keyof typeof admin
  | keyof typeof review
  | keyof typeof committee
  | keyof typeof centre
  | keyof typeof appeals;
type Values = Record<string, string | number>;
type Message = string | [{ match: Record<string, string> }];

export type Words = ReturnType<typeof wordsOf>;

/** The words of a language. */
export function wordsOf(language: Language) {
  const messages = read(language);
  const plurals = new Intl.PluralRules(language);

  /** Every wording a message has. */
  function wordings(key: Key, values: Values): string[] {
    const message = messages[key];
    if (message === undefined) throw new Error(`${language} has no message ${key}`);
    if (typeof message === 'string') return [message];
    const { match } = message[0];
    const count = values.count;
    if (count === undefined) return Object.values(match);
    const chosen = match[`n=${plurals.select(Number(count))}`] ?? match['n=other'];
    return chosen === undefined ? [] : [chosen];
  }

  /** The exact text of a message; everything it needs must be given. */
  function say(key: Key, values: Values = {}): string {
    const [wording, ...others] = wordings(key, values);
    if (wording === undefined || others.length > 0) throw new Error(`${key} needs a count`);
    const text = wording.replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = values[name];
      if (value === undefined) throw new Error(`${key} needs ${name}`);
      return String(value);
    });
    return text;
  }

  /** A pattern for a message whose values are not known: any text may stand for them. */
  function like(key: Key, values: Values = {}): RegExp {
    const patterns = wordings(key, values).map((wording) =>
      wording
        .split(/(\{\w+\})/)
        .map((part) => {
          const name = /^\{(\w+)\}$/.exec(part)?.[1];
          if (name === undefined) return escaped(part);
          return values[name] === undefined ? '.+' : escaped(String(values[name]));
        })
        .join(''),
    );
    return new RegExp(patterns.join('|'));
  }

  return { language, say, like };
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

const read = (language: Language): Record<string, Message> => {
  const folder = join(ROOT, 'ui', 'messages', language);
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return Object.assign(
    {},
    ...files.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as unknown),
  ) as Record<string, Message>;
};
