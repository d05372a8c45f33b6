// Appeals, for those who hear them: the queue, and the ruling.
import type { PortalArea } from '$routes/portal/table';
import { m } from '$paraglide/messages';

export const area: PortalArea = {
  title: () => m.appeal_area(),
  order: 45,
  pages: [
    {
      path: 'appeals',
      title: () => m.appeal_nav(),
      right: 'hear_appeals',
      nav: { icon: 'balance', order: 10 },
      load: () => import('./QueuePage.svelte'),
    },
    {
      path: 'appeals/:appeal',
      title: () => m.appeal_case_title(),
      right: 'hear_appeals',
      parent: 'appeals',
      load: () => import('./CasePage.svelte'),
    },
  ],
};
