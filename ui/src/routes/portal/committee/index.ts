// What the committee does: the cycle at a glance, centres, comparisons, meetings, publications.
import type { PortalArea } from '$routes/portal/table';
import { m } from '$paraglide/messages';

export const area: PortalArea = {
  title: () => m.committee_area(),
  order: 30,
  pages: [
    {
      path: 'committee',
      title: () => m.committee_overview_title(),
      right: 'read_results',
      nav: { icon: 'chart', order: 0 },
      load: () => import('./OverviewPage.svelte'),
    },
    {
      path: 'committee/comparison',
      title: () => m.committee_comparison_title(),
      right: 'read_results',
      nav: { icon: 'balance', order: 1 },
      load: () => import('./ComparisonPage.svelte'),
    },
    {
      path: 'committee/since',
      title: () => m.committee_since_title(),
      right: 'read_results',
      parent: 'committee/comparison',
      load: () => import('./SincePage.svelte'),
    },
    {
      path: 'committee/fairness',
      title: () => m.committee_fair_title(),
      right: 'read_results',
      nav: { icon: 'shield', order: 2 },
      load: () => import('./FairnessPage.svelte'),
    },
    {
      path: 'committee/readings',
      title: () => m.committee_readings_title(),
      right: 'read_results',
      nav: { icon: 'grid', order: 3 },
      load: () => import('./ReadingsPage.svelte'),
    },
    {
      path: 'committee/centres/:cycle/:centre',
      title: () => m.committee_centre_title(),
      right: 'read_results',
      parent: 'committee',
      load: () => import('./CentrePage.svelte'),
    },
    {
      path: 'committee/centres/:cycle/:centre/why',
      title: () => m.committee_why_title(),
      right: 'read_results',
      parent: 'committee/centres/:cycle/:centre',
      load: () => import('./WhyPage.svelte'),
    },
    {
      path: 'committee/centres/:cycle/:centre/decision',
      title: () => m.committee_decide_title(),
      right: 'decide',
      parent: 'committee/centres/:cycle/:centre',
      load: () => import('./DecisionPage.svelte'),
    },
    {
      path: 'committee/meetings',
      title: () => m.committee_meetings_title(),
      right: 'read_meetings',
      nav: { icon: 'people', order: 4 },
      load: () => import('./MeetingsPage.svelte'),
    },
    {
      path: 'committee/meetings/:meeting',
      title: () => m.committee_meeting(),
      right: 'read_meetings',
      parent: 'committee/meetings',
      load: () => import('./MeetingPage.svelte'),
    },
    {
      path: 'committee/meetings/:meeting/minutes',
      title: () => m.committee_minutes(),
      right: 'read_meetings',
      parent: 'committee/meetings/:meeting',
      load: () => import('./MinutesPage.svelte'),
    },
    {
      path: 'committee/publications',
      title: () => m.committee_publications_title(),
      right: 'read_publications',
      nav: { icon: 'send', order: 5 },
      load: () => import('./PublicationsPage.svelte'),
    },
    {
      path: 'committee/mapping',
      title: () => m.committee_mapping_title(),
      right: 'read_rubrics',
      // A rubric editor reads no cycles to choose from.
      roles: ['central_team', 'committee_chair', 'committee_member'],
      nav: { icon: 'columns', order: 6 },
      load: () => import('./MappingPage.svelte'),
    },
  ],
};
