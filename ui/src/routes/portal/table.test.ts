import { describe, expect, it } from 'vitest';

import { ROLES, type Me, type Right, type Role } from '$lib/api/central/types';
import {
  findPage,
  navigation,
  pageHref,
  pagesAbove,
  paramsOf,
  parseAddress,
  type Area,
} from '$lib/portal/pages';
import rights from '$lib/portal/rights.json';
import { AREAS } from '$routes/portal/table';

type Reader = Pick<Me, 'person' | 'rights'>;

/** Somebody of a role, with the rights the server gives it. */
function reader(role: Role): Reader {
  const person = { id: '1', user: 'x', name: { ar: 'س', en: 'X' }, role };
  return { person, rights: rights[role] as Right[] };
}

const load = () => Promise.reject(new Error('not loaded here'));
const areas: Area[] = [
  {
    title: () => 'A',
    order: 2,
    pages: [
      { path: 'visits/:visit', title: () => 'one', right: 'review', parent: 'visits', load },
      {
        path: 'visits/new',
        title: () => 'new',
        right: 'plan_visits',
        parent: 'visits',
        load,
      },
      {
        path: 'visits',
        title: () => 'all',
        right: 'review',
        nav: { icon: 'list', order: 1 },
        load,
      },
    ],
  },
  {
    title: () => 'B',
    order: 1,
    pages: [
      {
        path: 'mine',
        title: () => 'mine',
        right: 'read_scorecards',
        roles: ['manager'],
        nav: { icon: 'list', order: 1 },
        load,
      },
    ],
  },
];

describe('the table of pages', () => {
  it('knows the rights of every role', () => {
    expect(Object.keys(rights).sort()).toEqual([...ROLES].sort());
  });

  it('has no address twice for anybody', () => {
    for (const role of ROLES) {
      const open = AREAS.flatMap((area) => area.pages)
        .filter(
          (page) =>
            reader(role).rights.includes(page.right) && (page.roles?.includes(role) ?? true),
        )
        .map((page) => page.path.replace(/:\w+/g, ':'));
      expect(new Set(open).size, role).toBe(open.length);
    }
  });

  it('shows nobody what they may not do, and everybody the own account', () => {
    for (const role of ROLES) {
      const me = reader(role);
      const shown = navigation(AREAS, me).flatMap((area) => area.pages);
      expect(shown.filter((page) => !me.rights.includes(page.right))).toEqual([]);
      expect(shown.map((page) => page.path)).toContain('account');
    }
  });

  it('names a page above that is there for whoever opens the one below', () => {
    for (const role of ROLES) {
      const me = reader(role);
      for (const page of AREAS.flatMap((area) => area.pages)) {
        if (page.parent === undefined || !me.rights.includes(page.right)) continue;
        if (page.roles !== undefined && !page.roles.includes(role)) continue;
        expect(
          findPage(AREAS, me, { path: page.parent.replace(/:\w+/g, 'x'), query: {} })?.page.path,
          `${role}: above ${page.path}`,
        ).toBe(page.parent);
      }
    }
  });
});

describe('an address', () => {
  it('is read with its query and written the same', () => {
    expect(parseAddress('#/a//b/?page=2&q=x%20y')).toEqual({
      path: 'a/b',
      query: { page: '2', q: 'x y' },
    });
    expect(parseAddress('')).toEqual({ path: '', query: {} });
    expect(pageHref('centres/:centre', { centre: 'a/b' }, { tab: 'x' })).toBe(
      '#/centres/a%2Fb?tab=x',
    );
    expect(() => pageHref('centres/:centre')).toThrow('centre');
  });

  it('tells a page what stands in its place', () => {
    expect(paramsOf('centres/:centre', 'centres/a%2Fb')).toEqual({ centre: 'a/b' });
    expect(paramsOf('centres/:centre', 'centres')).toBeNull();
    expect(paramsOf('centres/:centre', 'centres/%')).toEqual({ centre: '%' });
  });

  it('finds the written page before the told one', () => {
    const both: Reader = { ...reader('reviewer'), rights: ['review', 'plan_visits'] };
    expect(findPage(areas, both, parseAddress('#/visits/new'))?.page.title()).toBe('new');
    expect(findPage(areas, both, parseAddress('#/visits/7'))?.params).toEqual({ visit: '7' });
  });

  it('leads nowhere for those who may not open its page', () => {
    expect(findPage(areas, reader('manager'), parseAddress('#/visits'))).toBeNull();
    expect(findPage(areas, reader('coordinator'), parseAddress('#/mine'))).toBeNull();
    expect(findPage(areas, reader('manager'), parseAddress('#/mine'))?.page.path).toBe('mine');
  });
});

describe('navigation', () => {
  it('has the areas in order and only those with a page', () => {
    const all: Reader = { ...reader('manager'), rights: ['review', 'read_scorecards'] };
    expect(navigation(areas, all).map((area) => area.title())).toEqual(['B', 'A']);
    expect(navigation(areas, reader('reviewer')).map((area) => area.title())).toEqual(['A']);
  });

  it('knows the way to a page', () => {
    const [one] = areas[0]?.pages ?? [];
    if (!one) throw new Error('there is a page');
    expect(pagesAbove(areas, one).map((page) => page.path)).toEqual(['visits']);
  });
});
