// Every page of the portal: each area's own list, found by its place. Adding an area touches nothing here.
import type { IconName } from '$components/shared/icons';
import type { Area, Page } from '$lib/portal/pages';

export type PortalArea = Area<IconName>;
export type PortalPage = Page<IconName>;

const lists = import.meta.glob<{ area: PortalArea }>('./*/index.ts', { eager: true });

export const AREAS: readonly PortalArea[] = Object.values(lists).map(({ area }) => area);
