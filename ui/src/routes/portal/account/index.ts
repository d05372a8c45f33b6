// What everybody has: the beginning, and the own account.
import type { PortalArea } from '$routes/portal/table';
import { m } from '$paraglide/messages';

export const area: PortalArea = {
  title: () => m.portal_area_own(),
  order: 0,
  pages: [
    {
      path: '',
      title: () => m.portal_home_nav(),
      right: 'keep_own_account',
      nav: { icon: 'home', order: 0 },
      load: () => import('./HomePage.svelte'),
    },
    {
      path: 'account',
      title: () => m.portal_account_nav(),
      right: 'keep_own_account',
      nav: { icon: 'person', order: 1 },
      load: () => import('./AccountPage.svelte'),
    },
  ],
};
