//! Files that an appeal brings forward. They lie where evidence lies, without the metadata a phone puts in,
//! and are read by whoever may read the appeal.

use mizan_domain::appeal::AppealState;
use mizan_protocol::canonical::Digest;
use mizan_protocol::code::ErrorBody;
use mizan_protocol::id::AppealId;
use mizan_protocol::media::{self, MAX_BYTES};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{AppealJson, find, show};
use crate::accounts::Caller;
use crate::app::App;
use crate::audit::{Act, By, Deed};
use crate::error::Error;
use crate::tx::{Row, Tx, one, params};

/// The most files of an appeal.
const MOST: i64 = 5;
/// The longest name of a file, in characters.
const MAX_NAME: usize = 120;

/// A file of an appeal.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct AppealFile {
    /// The digest of its bytes as they are kept.
    pub(crate) sha256: Digest,
    /// Its name.
    pub(crate) name: String,
    /// Its type.
    pub(crate) media_type: String,
    /// Its length in bytes.
    pub(crate) bytes: i64,
}

/// A file to be attached.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct NewFile {
    /// Its name, 1 to 120 characters.
    #[param(min_length = 1, max_length = 120)]
    pub(crate) name: String,
}

/// The files of an appeal, by name.
pub(super) fn of(tx: &mut dyn Tx, appeal: AppealId) -> Result<Vec<AppealFile>, Error> {
    let sql = "SELECT sha256, name, media_type, bytes FROM appeal_files WHERE appeal_id = $1
               ORDER BY name, sha256";
    let file = |row: &Row| {
        Ok(AppealFile {
            sha256: row.digest(0)?,
            name: row.text(1)?.to_owned(),
            media_type: row.text(2)?.to_owned(),
            bytes: row.int(3)?,
        })
    };
    tx.query(sql, params![appeal.0])?.iter().map(file).collect()
}

/// Whether a file may be added: while nobody has looked at the appeal, and there are few.
fn check(tx: &mut dyn Tx, caller: &Caller, appeal: AppealId) -> Result<(), Error> {
    let found = find(tx, caller, appeal)?;
    if found.state != AppealState::Filed {
        let body = ErrorBody::new("appeal.wrong_state").with("state", found.state.word());
        return Err(Error::Refused(body));
    }
    let sql = "SELECT COUNT(*) FROM appeal_files WHERE appeal_id = $1";
    match one(tx, sql, params![appeal.0])?.int(0)? {
        many if many >= MOST => {
            Err(Error::Refused(ErrorBody::new("appeal.too_many_files").with("max", MOST)))
        }
        _ => Ok(()),
    }
}

/// Attaches a file to the caller's own appeal. Attached again, it changes nothing but its name.
pub(crate) async fn attach(
    app: &App,
    caller: Caller,
    appeal: AppealId,
    NewFile { name }: NewFile,
    bytes: Vec<u8>,
) -> Result<AppealJson, Error> {
    let name = name.trim().to_owned();
    if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
        return Err(Error::invalid("name", name, "1 to 120 characters"));
    }
    app.store.read(move |tx| check(tx, &caller, appeal)).await?;
    let _room = app.vault.room().await?;
    let clean = move || media::accept(&bytes).map_err(|fault| Error::Refused(fault.body()));
    let file = tokio::task::spawn_blocking(clean).await.unwrap_or(Err(Error::Stopped))?;
    let (sha256, length) = (Digest::of(&file.bytes), file.bytes.len() as i64);
    app.vault.put(sha256, file.bytes).await?;
    let now = app.now();
    let record = move |tx: &mut dyn Tx| {
        check(tx, &caller, appeal)?;
        let sql =
            "INSERT INTO appeal_files (appeal_id, sha256, name, media_type, bytes, person_id, at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (appeal_id, sha256) DO UPDATE SET name = excluded.name";
        let person = caller.person.0;
        tx.exec(sql, params![appeal.0, sha256, name, file.media_type, length, person, now])?;
        show(tx, &caller, appeal)
    };
    let act = move |_: &AppealJson| {
        Act::new(Deed::AppealFileAttached).on("appeal", appeal).with("sha256", sha256)
    };
    app.change(By::from(&caller), record, act).await
}

/// The type of a file of an appeal the caller may read.
pub(crate) fn media_type(
    tx: &mut dyn Tx,
    caller: &Caller,
    appeal: AppealId,
    sha256: Digest,
) -> Result<String, Error> {
    find(tx, caller, appeal)?;
    let sql = "SELECT media_type FROM appeal_files WHERE appeal_id = $1 AND sha256 = $2";
    Ok(one(tx, sql, params![appeal.0, sha256])?.text(0)?.to_owned())
}

/// A file's bytes, if they are not more than any file has.
pub(crate) async fn body(body: axum::body::Body) -> Result<Vec<u8>, Error> {
    match axum::body::to_bytes(body, MAX_BYTES).await {
        Ok(bytes) => Ok(bytes.to_vec()),
        Err(_) => Err(Error::Refused(
            ErrorBody::new("evidence.too_large")
                .with("bytes", MAX_BYTES + 1)
                .with("max", MAX_BYTES),
        )),
    }
}
