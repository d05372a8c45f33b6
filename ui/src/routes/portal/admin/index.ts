// The administrator's and the central team's pages.
import type { PortalArea } from '$routes/portal/table';
import { m } from '$paraglide/messages';

export const area: PortalArea = {
  title: () => m.admin_area(),
  order: 10,
  pages: [
    {
      path: 'admin/cycles',
      title: () => m.admin_cycles_title(),
      right: 'plan_visits',
      nav: { icon: 'sync', order: 0 },
      load: () => import('./CyclesPage.svelte'),
    },
    {
      path: 'admin/cycles/new',
      title: () => m.admin_cycle_add(),
      right: 'manage_programme',
      parent: 'admin/cycles',
      load: () => import('./NewCyclePage.svelte'),
    },
    {
      path: 'admin/cycles/:cycle',
      title: () => m.admin_cycle_title(),
      right: 'plan_visits',
      parent: 'admin/cycles',
      load: () => import('./CyclePage.svelte'),
    },
    {
      path: 'admin/visits',
      title: () => m.admin_visits_title(),
      right: 'plan_visits',
      nav: { icon: 'calendar', order: 5 },
      load: () => import('./VisitsPage.svelte'),
    },
    {
      path: 'admin/centres',
      title: () => m.admin_centres_nav(),
      right: 'read_programme',
      nav: { icon: 'building', order: 10 },
      load: () => import('./CentresPage.svelte'),
    },
    {
      path: 'admin/centres/import',
      title: () => m.admin_import_title(),
      right: 'manage_programme',
      parent: 'admin/centres',
      load: () => import('./ImportPage.svelte'),
    },
    {
      path: 'admin/people',
      title: () => m.admin_people_title(),
      right: 'manage_devices',
      nav: { icon: 'people', order: 15 },
      load: () => import('./PeoplePage.svelte'),
    },
    {
      path: 'admin/rubrics',
      title: () => m.admin_rubrics_title(),
      right: 'read_programme',
      nav: { icon: 'list', order: 20 },
      load: () => import('./RubricsPage.svelte'),
    },
    {
      path: 'admin/rubrics/file',
      title: () => m.admin_rubric_load(),
      right: 'manage_programme',
      parent: 'admin/rubrics',
      load: () => import('./RubricFilePage.svelte'),
    },
    {
      path: 'admin/rubrics/compare',
      title: () => m.admin_rubrics_compare(),
      right: 'read_programme',
      parent: 'admin/rubrics',
      load: () => import('./RubricComparePage.svelte'),
    },
    {
      path: 'admin/rubrics/:rubric',
      title: () => m.admin_rubric_title(),
      right: 'read_programme',
      parent: 'admin/rubrics',
      load: () => import('./RubricPage.svelte'),
    },
    {
      path: 'admin/quarantine',
      title: () => m.admin_quarantine_title(),
      right: 'keep_quarantine',
      nav: { icon: 'warn', order: 25 },
      load: () => import('./QuarantinePage.svelte'),
    },
    {
      path: 'admin/audit',
      title: () => m.admin_audit_title(),
      right: 'read_audit',
      nav: { icon: 'shield', order: 30 },
      load: () => import('./AuditPage.svelte'),
    },
  ],
};
