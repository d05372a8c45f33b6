//! From the minutes to the document.

use mizan_domain::text::{Language, Text};

use super::compose::{cell, column, heading};
use super::{Block, Document, Look, Masthead, Quote, Running, Table, Width};
use crate::minutes::{Choice, Computed, Decided, Ground, Item, Member, Minutes, Said, Vote};
use crate::words::{Words, with_isolates};

/// Composes the document of minutes in one language.
pub(crate) fn compose_minutes(minutes: &Minutes, language: Language) -> Document {
    let composer = Composer { minutes, language, words: Words::new(language) };
    let mut blocks = vec![composer.masthead()];
    composer.members(&mut blocks);
    composer.agenda(&mut blocks);
    for item in &minutes.items {
        composer.item(item, &mut blocks);
    }
    composer.signature(&mut blocks);
    Document { language, title: composer.title(), running: composer.running(), blocks }
}

struct Composer<'a> {
    minutes: &'a Minutes,
    language: Language,
    words: Words,
}

impl Composer<'_> {
    fn text(&self, text: &Text) -> String {
        with_isolates(text.get(self.language), self.language)
    }

    fn meeting(&self) -> String {
        self.words.meeting_number(self.minutes.number)
    }

    fn title(&self) -> String {
        format!("{} – {}", self.meeting(), self.minutes.cycle.get(self.language))
    }

    fn running(&self) -> Running {
        let minutes = self.minutes;
        Running {
            centre: self.words.join(&[self.words.minutes().to_owned(), self.meeting()]),
            programme: self.text(&minutes.programme),
            foot: self.text(&minutes.cycle),
            draft: None,
        }
    }

    fn masthead(&self) -> Block {
        let (minutes, words) = (self.minutes, self.words);
        let fact = |label: &str, value: String| (label.to_owned(), value);
        let present = minutes.members.iter().filter(|member| member.present).count();
        Block::Masthead(Masthead {
            programme: self.text(&minutes.programme),
            cycle: self.text(&minutes.cycle),
            kind: words.minutes().to_owned(),
            centre: self.meeting(),
            agency: match minutes.place.trim() {
                "" => words.committee().to_owned(),
                place => with_isolates(place, self.language),
            },
            facts: vec![
                fact(words.held_on(), words.date(minutes.date)),
                fact(words.members_present(), present.to_string()),
                fact(words.quorum(), minutes.quorum.to_string()),
                fact(words.centres_on_agenda(), minutes.items.len().to_string()),
            ],
        })
    }

    fn members(&self, blocks: &mut Vec<Block>) {
        let words = self.words;
        let row = |member: &Member| {
            let role = if member.chairs { words.chair() } else { words.member() };
            let attendance = if member.present { words.present() } else { words.absent() };
            vec![
                cell(self.text(&member.name), Look::Strong),
                cell(role.to_owned(), Look::Plain),
                cell(attendance.to_owned(), if member.present { Look::Plain } else { Look::Quiet }),
            ]
        };
        blocks.push(heading(2, words.attendance()));
        blocks.push(Block::Table(Table {
            columns: vec![
                column(words.name(), Width::Rest, false),
                column(words.role(), Width::Points(110.0), false),
                column(words.attendance(), Width::Points(110.0), false),
            ],
            rows: self.minutes.members.iter().map(row).collect(),
        }));
    }

    fn agenda(&self, blocks: &mut Vec<Block>) {
        let words = self.words;
        blocks.push(heading(2, words.decisions()));
        if self.minutes.items.is_empty() {
            blocks.push(Block::Paragraph(words.no_agenda().to_owned()));
            return;
        }
        let row = |item: &Item| {
            let is_quiet = item.decided == Decided::Deferred;
            vec![
                cell(words.isolate(&item.code), Look::Quiet),
                cell(self.text(&item.centre), Look::Strong),
                cell(self.score(item), Look::Plain),
                cell(self.computed(&item.computed), Look::Plain),
                cell(self.decided(item), if is_quiet { Look::Quiet } else { Look::Strong }),
            ]
        };
        blocks.push(Block::Table(Table {
            columns: vec![
                column(words.code(), Width::Points(60.0), false),
                column(words.centre(), Width::Rest, false),
                column(words.criterion_score(), Width::Points(55.0), true),
                column(words.computed_level(), Width::Points(100.0), false),
                column(words.decision(), Width::Points(100.0), false),
            ],
            rows: self.minutes.items.iter().map(row).collect(),
        }));
    }

    fn score(&self, item: &Item) -> String {
        let shown = item.score.as_ref().map(|score| self.words.isolate(score));
        shown.unwrap_or_else(|| self.words.no_value().to_owned())
    }

    fn computed(&self, computed: &Computed) -> String {
        match computed {
            Computed::Level(level) => self.text(level),
            Computed::NoScore => self.words.no_score().to_owned(),
            Computed::InsufficientEvidence => self.words.insufficient_evidence().to_owned(),
            Computed::CommitteeDecision => self.words.for_the_committee().to_owned(),
        }
    }

    fn decided(&self, item: &Item) -> String {
        match &item.decided {
            Decided::Deferred => self.words.deferred().to_owned(),
            Decided::AsComputed => self.computed(&item.computed),
            Decided::Moderated { level: Some(level), .. } => self.text(level),
            Decided::Moderated { level: None, .. } => self.words.no_level().to_owned(),
        }
    }

    fn item(&self, item: &Item, blocks: &mut Vec<Block>) {
        let words = self.words;
        blocks.push(heading(2, &words.coded(&item.code, &self.text(&item.centre))));
        let fact = |label: &str, value: String| (label.to_owned(), value);
        let mut facts = vec![
            fact(words.criterion_score(), self.score(item)),
            fact(words.computed_level(), self.computed(&item.computed)),
            fact(words.decision(), self.decided(item)),
        ];
        if let Decided::Moderated { reason, .. } = &item.decided {
            facts.push(fact(words.reason(), self.text(reason)));
        }
        blocks.push(Block::Facts(facts));
        if !item.recusals.is_empty() {
            blocks.push(heading(3, words.recusals()));
            let row = |recusal: &crate::minutes::Recusal| {
                let why = match recusal.ground {
                    Ground::Agency => words.ground_agency(),
                    Ground::Interest => words.ground_interest(),
                    Ground::OwnReason => words.ground_own_reason(),
                };
                let why = match &recusal.reason {
                    Some(reason) => {
                        words.labelled(why, &with_isolates(&reason.text, self.language))
                    }
                    None => why.to_owned(),
                };
                vec![cell(self.text(&recusal.name), Look::Strong), cell(why, Look::Plain)]
            };
            blocks.push(Block::Table(Table {
                columns: vec![
                    column(words.name(), Width::Points(180.0), false),
                    column(words.why(), Width::Rest, false),
                ],
                rows: item.recusals.iter().map(row).collect(),
            }));
        }
        if !item.votes.is_empty() {
            blocks.push(heading(3, words.ballot()));
            let row = |vote: &Vote| {
                let choice = match &vote.choice {
                    Choice::AsComputed => words.vote_as_computed().to_owned(),
                    Choice::Level(level) => self.text(level),
                    Choice::NoLevel => words.no_level().to_owned(),
                };
                vec![cell(self.text(&vote.name), Look::Strong), cell(choice, Look::Plain)]
            };
            blocks.push(Block::Table(Table {
                columns: vec![
                    column(words.name(), Width::Points(180.0), false),
                    column(words.vote(), Width::Rest, false),
                ],
                rows: item.votes.iter().map(row).collect(),
            }));
        }
        for (title, said) in [(words.discussion(), &item.notes), (words.dissents(), &item.dissents)]
        {
            if !said.is_empty() {
                blocks.push(heading(3, title));
                blocks.push(Block::Quotes(said.iter().map(|said| self.quote(said)).collect()));
            }
        }
    }

    fn quote(&self, said: &Said) -> Quote {
        Quote {
            who: self.text(&said.name),
            text: with_isolates(&said.text.text, said.text.language),
            language: said.text.language,
        }
    }

    fn signature(&self, blocks: &mut Vec<Block>) {
        let (signed, words) = (&self.minutes.signed, self.words);
        blocks.push(heading(2, words.signature_heading()));
        blocks.push(Block::Paragraph(words.signature_note().to_owned()));
        let fact = |label: &str, value: &str| (label.to_owned(), words.isolate(value));
        blocks.push(Block::Facts(vec![
            fact(words.minutes_digest(), &signed.sha256),
            fact(words.public_key(), &signed.public_key),
            fact(words.signature(), &signed.signature),
        ]));
    }
}
