// What is published, for those whom it concerns and those who watch; and what centres reply.
import type { PortalArea } from '$routes/portal/table';
import { m } from '$paraglide/messages';

export const area: PortalArea = {
  title: () => m.centre_area(),
  order: 40,
  pages: [
    {
      path: 'scorecards',
      title: () => m.centre_scorecards_nav(),
      right: 'read_scorecards',
      nav: { icon: 'seal', order: 10 },
      load: () => import('./ScorecardsPage.svelte'),
    },
    {
      path: 'scorecards/:scorecard',
      title: () => m.centre_card_title(),
      right: 'read_scorecards',
      parent: 'scorecards',
      load: () => import('./ScorecardPage.svelte'),
    },
    {
      path: 'centre/actions',
      title: () => m.centre_actions_nav(),
      right: 'read_actions',
      nav: { icon: 'check', order: 20 },
      load: () => import('./ActionsPage.svelte'),
    },
    {
      path: 'centre/appeals',
      title: () => m.centre_appeals_nav(),
      right: 'file_appeals',
      nav: { icon: 'balance', order: 30 },
      load: () => import('./AppealsPage.svelte'),
    },
    {
      path: 'centre/appeals/:appeal',
      title: () => m.centre_appeal_title(),
      right: 'file_appeals',
      parent: 'centre/appeals',
      load: () => import('./AppealPage.svelte'),
    },
  ],
};
