//! From a published scorecard and its rubric to the document model of the report.

use mizan_domain::rubric::Rubric;
use mizan_domain::text::Language;
use mizan_protocol::score::ScorecardJson;

use crate::error::Error;

/// to come
pub fn card(_: &ScorecardJson, _: &Rubric) -> Result<(), Error> { Ok(()) }
/// to come
pub fn render(_: &(), _: Language) -> Result<Vec<u8>, Error> { Ok(vec![]) }
