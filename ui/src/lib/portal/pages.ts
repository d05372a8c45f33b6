/**
 * Which pages the portal has, who may open them, and how an address becomes one.
 *
 * Each area of the portal lists its own pages in `routes/portal/<area>/index.ts`; nothing else decides
 * what is shown to whom. The server decides again, for itself, what each call may do.
 */
import type { Component } from 'svelte';

import type { Me, Right, Role } from '$lib/api/central/types';

/** What an address says beside the page it names. */
export interface PageProps {
  params: Record<string, string>;
  query: Record<string, string>;
}

/** A page that is told what its address says, or one that needs none of it. */
export type PageComponent = Component<PageProps> | Component<Record<string, never>>;

/** A page. `Icon` is the name of a sign, which the pages' own folder knows. */
export interface Page<Icon extends string = string> {
  /** The address after `#/`; a part that begins with `:` is told to the page: `admin/centres/:centre`. */
  path: string;
  /** Its name in the navigation, the crumbs and the window's title. */
  title: () => string;
  /** What whoever opens it must be allowed to do. */
  right: Right;
  /** Whose page it is, where several roles share the right and not the page. */
  roles?: readonly Role[];
  /** Its place in the side navigation; left out where another page leads to it. */
  nav?: { icon: Icon; order: number };
  /** The path of the page above it. */
  parent?: string;
  load: () => Promise<{ default: PageComponent }>;
}

/** Pages that belong together: one group of the side navigation. */
export interface Area<Icon extends string = string> {
  title: () => string;
  order: number;
  pages: readonly Page<Icon>[];
}

/** Whether a page is there for somebody. */
export function isOpenTo(page: Pick<Page, 'right' | 'roles'>, me: Pick<Me, 'person' | 'rights'>) {
  const isTheirs = page.roles === undefined || page.roles.some((role) => role === me.person.role);
  return isTheirs && me.rights.includes(page.right);
}

/** The areas somebody sees at the side, each with the pages they may open. */
export function navigation<Icon extends string>(
  areas: readonly Area<Icon>[],
  me: Pick<Me, 'person' | 'rights'>,
): Area<Icon>[] {
  const orderOf = (page: Page) => page.nav?.order ?? 0;
  return [...areas]
    .sort((a, b) => a.order - b.order)
    .map((area) => ({
      ...area,
      pages: area.pages
        .filter((page) => page.nav !== undefined && isOpenTo(page, me))
        .sort((a, b) => orderOf(a) - orderOf(b)),
    }))
    .filter((area) => area.pages.length > 0);
}

function decoded(word: string): string {
  try {
    return decodeURIComponent(word);
  } catch {
    return word;
  }
}

/** An address in the bar. */
export interface Address {
  path: string;
  query: Record<string, string>;
}

export function parseAddress(hash: string): Address {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const query = Object.fromEntries(new URLSearchParams(search));
  return { path: path.split('/').filter(Boolean).join('/'), query };
}

/** The address of a page, with what it is told. */
export function pageHref(
  path: string,
  params: Record<string, string> = {},
  query: Record<string, string> = {},
): string {
  const filled = path.replace(/:(\w+)/g, (_, name: string) => {
    const value = params[name];
    if (value === undefined) throw new Error(`${path} needs ${name}`);
    return encodeURIComponent(value);
  });
  const search = new URLSearchParams(query).toString();
  return `#/${filled}${search === '' ? '' : `?${search}`}`;
}

/** What a page's path is told by an address; null where it is another page's. */
export function paramsOf(path: string, address: string): Record<string, string> | null {
  const wanted = path.split('/');
  const given = address.split('/');
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [at, part] of wanted.entries()) {
    const word = given[at] ?? '';
    if (part.startsWith(':')) params[part.slice(1)] = decoded(word);
    else if (part !== word) return null;
  }
  return params;
}

/** A page that an address names, with what it is told. */
export interface Found<Icon extends string = string> extends PageProps {
  page: Page<Icon>;
}

/**
 * The page of an address. Written-out parts go before told ones, so that `visits/new` is no visit.
 * What somebody may not open is not there for them.
 */
export function findPage<Icon extends string>(
  areas: readonly Area<Icon>[],
  me: Pick<Me, 'person' | 'rights'>,
  { path, query }: Address,
): Found<Icon> | null {
  const told = (page: Page) => page.path.split('/').filter((part) => part.startsWith(':')).length;
  const pages = areas.flatMap((area) => area.pages).sort((a, b) => told(a) - told(b));
  for (const page of pages) {
    const params = paramsOf(page.path, path);
    if (params !== null && isOpenTo(page, me)) return { page, params, query };
  }
  return null;
}

/** The pages above one, the highest first. */
export function pagesAbove<Icon extends string>(
  areas: readonly Area<Icon>[],
  page: Page<Icon>,
): Page<Icon>[] {
  const above: Page<Icon>[] = [];
  let at: Page<Icon> | undefined = page;
  while (at?.parent !== undefined && above.length < 8) {
    const { parent } = at as Page<Icon>;
    at = areas.flatMap((area) => area.pages).find((one) => one.path === parent);
    if (at) above.unshift(at);
  }
  return above;
}
