// What reviewers do: the queue, a visit, second scorings, what they did.
import type { PortalArea } from '$routes/portal/table';
import { m } from '$paraglide/messages';

export const area: PortalArea = {
  title: () => m.review_area(),
  order: 20,
  pages: [
    {
      path: 'review',
      title: () => m.review_queue_title(),
      right: 'review',
      nav: { icon: 'list', order: 0 },
      load: () => import('./QueuePage.svelte'),
    },
    {
      path: 'review/visits/:visit',
      title: () => m.review_visit_title(),
      right: 'review',
      parent: 'review',
      load: () => import('./VisitPage.svelte'),
    },
    {
      path: 'review/second',
      title: () => m.review_second_title(),
      right: 'review',
      nav: { icon: 'balance', order: 1 },
      load: () => import('./SecondListPage.svelte'),
    },
    {
      path: 'review/second/:visit',
      title: () => m.review_second_visit_title(),
      right: 'review',
      parent: 'review/second',
      load: () => import('./SecondPage.svelte'),
    },
    {
      path: 'review/second/:visit/comparison',
      title: () => m.review_comparison_title(),
      right: 'review',
      parent: 'review/second',
      load: () => import('./ComparisonPage.svelte'),
    },
    {
      path: 'review/history',
      title: () => m.review_history_title(),
      right: 'review',
      nav: { icon: 'clock', order: 2 },
      load: () => import('./HistoryPage.svelte'),
    },
  ],
};
