import { describe, expect, it } from 'vitest';

import { href, parseRoute, sameScreen, visitHref } from '$lib/app/route';

describe('addresses', () => {
  it.each([
    ['', { name: 'visits' }],
    ['#/', { name: 'visits' }],
    ['#/visits', { name: 'visits' }],
    ['#/sync', { name: 'sync' }],
    ['#/conflicts', { name: 'conflicts' }],
    ['#/settings', { name: 'settings' }],
    ['#/visits/v1', { name: 'visit', visit: 'v1', step: null, query: {} }],
    ['#/visits/v1/score', { name: 'visit', visit: 'v1', step: 'score', query: {} }],
    [
      '#/visits/v1/score?criterion=A2&filter=missing',
      { name: 'visit', visit: 'v1', step: 'score', query: { criterion: 'A2', filter: 'missing' } },
    ],
  ])('%s is understood', (hash, route) => {
    expect(parseRoute(hash)).toEqual(route);
  });

  it.each([
    '#/nowhere',
    '#/sync/x',
    '#/visits/v1/dance',
    '#/visits/v1/score/more',
    '#/visits/%E0%A4%A/x',
  ])('%s leads to the list', (hash) => {
    expect(parseRoute(hash)).toEqual({ name: 'visits' });
  });

  it('survive the way there and back', () => {
    const query = { criterion: 'A 2/ب', filter: 'missing' };
    expect(parseRoute(visitHref('id/1', 'score', query))).toEqual({
      name: 'visit',
      visit: 'id/1',
      step: 'score',
      query,
    });
    expect(parseRoute(visitHref('v1'))).toEqual({
      name: 'visit',
      visit: 'v1',
      step: null,
      query: {},
    });
    expect(parseRoute(href('sync'))).toEqual({ name: 'sync' });
  });
});

describe('the same screen', () => {
  it('is one visit at one step, whatever is asked of it', () => {
    const at = (hash: string) => parseRoute(hash);
    expect(sameScreen(at('#/visits/a/score'), at('#/visits/a/score?filter=missing'))).toBe(true);
    expect(sameScreen(at('#/visits/a/score'), at('#/visits/a/check'))).toBe(false);
    expect(sameScreen(at('#/visits/a/score'), at('#/visits/b/score'))).toBe(false);
    expect(sameScreen(at('#/sync'), at('#/settings'))).toBe(false);
  });
});
