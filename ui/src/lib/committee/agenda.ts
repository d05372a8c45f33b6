/** Who may do what about a centre on an agenda, so that nobody is shown what would be refused. */
import type { AgendaItem, Meeting, Vote } from '$lib/api/central/committee';
import type { Me } from '$lib/api/central/types';

type Reader = Pick<Me, 'person' | 'rights'>;

export interface Part {
  isMember: boolean;
  isPresent: boolean;
  isRecused: boolean;
  presides: boolean;
}

/** What somebody is to a centre on the agenda. */
export function partOf(meeting: Meeting, item: AgendaItem, me: Reader): Part {
  const member = meeting.members.find(({ person }) => person === me.person.id);
  return {
    isMember: me.rights.includes('take_part_in_meetings'),
    isPresent: member?.present === true,
    isRecused: item.recusals.some(({ person }) => person === me.person.id),
    presides: me.rights.includes('preside_meetings'),
  };
}

export type Deed =
  | 'open_ballot'
  | 'vote'
  | 'close_ballot'
  | 'note'
  | 'decide'
  | 'dissent'
  | 'defer'
  | 'recuse'
  | 'remove';

/** What somebody may do about a centre now. */
export function deedsOf(meeting: Meeting, item: AgendaItem, me: Reader): Deed[] {
  const { isMember, isPresent, isRecused, presides } = partOf(meeting, item, me);
  const isOpen = meeting.state === 'open';
  const takesPart = isOpen && isMember && isPresent && !isRecused;
  const { state } = item;
  const enough = (members: number) => members >= meeting.quorum;
  const allowed: Record<Deed, boolean> = {
    open_ballot: takesPart && presides && state === 'waiting' && enough(item.voters),
    vote: takesPart && state === 'balloting',
    close_ballot: takesPart && presides && state === 'balloting' && enough(item.votes_cast),
    note: takesPart && state === 'discussing',
    decide: takesPart && presides && state === 'discussing' && enough(item.voters),
    dissent: takesPart && state === 'decided',
    // Leaving a centre to another meeting says nothing of it.
    defer: isOpen && isPresent && presides && (state === 'waiting' || state === 'discussing'),
    recuse: isMember && meeting.state !== 'closed' && state !== 'decided' && state !== 'deferred',
    remove:
      me.rights.includes('prepare_meetings') && meeting.state !== 'closed' && state === 'waiting',
  };
  return (Object.keys(allowed) as Deed[]).filter((deed) => allowed[deed]);
}

export type Hindrance =
  'not_present' | 'recused' | 'no_quorum' | 'votes_missing' | 'meeting_planned';

/** Why the next step of a centre is not somebody's to take now. */
export function hindranceOf(meeting: Meeting, item: AgendaItem, me: Reader): Hindrance | null {
  const part = partOf(meeting, item, me);
  if (!part.isMember || meeting.state === 'closed') return null;
  if (item.state === 'decided' || item.state === 'deferred') return null;
  if (part.isRecused) return 'recused';
  if (meeting.state === 'planned') return 'meeting_planned';
  if (!part.isPresent) return 'not_present';
  if (item.voters < meeting.quorum) return 'no_quorum';
  if (item.state === 'balloting' && item.votes_cast < meeting.quorum) return 'votes_missing';
  return null;
}

/** How often each choice was made, the most often first. */
export function tallyOf(votes: readonly Vote[]): { vote: Vote; count: number }[] {
  const counts = new Map<string, { vote: Vote; count: number }>();
  for (const vote of votes) {
    const name = `${vote.choice} ${vote.level ?? ''}`;
    const known = counts.get(name) ?? { vote, count: 0 };
    counts.set(name, { vote, count: known.count + 1 });
  }
  return [...counts.values()].sort((a, b) => b.count - a.count);
}

/** The centres that another meeting, which is not over, is still to settle. */
export function takenCentres(
  meetings: readonly Pick<Meeting, 'id' | 'state' | 'agenda'>[],
  own?: string,
): ReadonlySet<string> {
  const others = meetings.filter(({ id, state }) => id !== own && state !== 'closed');
  const items = others.flatMap(({ agenda }) => agenda);
  return new Set(items.flatMap(({ centre, state }) => (state === 'deferred' ? [] : [centre])));
}

/** Why a meeting cannot be opened or closed yet. */
export function meetingHindrance(
  meeting: Meeting,
): 'agenda_empty' | 'no_quorum' | 'items_pending' | null {
  const present = meeting.members.filter((member) => member.present).length;
  if (meeting.state === 'planned') {
    if (meeting.agenda.length === 0) return 'agenda_empty';
    return present < meeting.quorum ? 'no_quorum' : null;
  }
  const isSettled = ({ state }: AgendaItem) => state === 'decided' || state === 'deferred';
  return meeting.state === 'open' && !meeting.agenda.every(isSettled) ? 'items_pending' : null;
}
