/** How near the day of an action is. */

/** Days from which an action's day is near. */
export const SOON_DAYS = 7;

export type Due = 'late' | 'today' | 'soon' | null;

/** By the days that are left; null for what is done, has no day, or has time. */
export function dueOf(daysLeft: number | null | undefined): Due {
  if (daysLeft === null || daysLeft === undefined) return null;
  if (daysLeft < 0) return 'late';
  if (daysLeft === 0) return 'today';
  return daysLeft <= SOON_DAYS ? 'soon' : null;
}
