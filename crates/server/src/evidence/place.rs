//! Where evidence lies: a folder of this machine, or a bucket of an S3 server.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ClientOptions, ObjectStore, ObjectStoreExt as _, RetryConfig};
use zeroize::Zeroizing;

use crate::error::Error;

/// How long a call of an S3 server may take, and its repetitions.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where evidence lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EvidencePlace {
    /// A folder of this machine, or one that it shares with others.
    Folder(PathBuf),
    /// A bucket of an S3 server.
    S3(S3),
}

/// A bucket of an S3 server, and how it is reached.
#[derive(Clone, PartialEq, Eq)]
pub struct S3 {
    /// The bucket.
    pub bucket: String,
    /// What every object's name in it begins with; may be empty.
    pub prefix: String,
    /// The server's address; `None` for Amazon's own.
    pub endpoint: Option<String>,
    /// The region the requests are signed for.
    pub region: String,
    /// The name of the access key.
    pub access_key: String,
    /// The access key.
    pub secret_key: Zeroizing<String>,
    /// Speaks to the server without TLS. The files are encrypted either way.
    pub allow_http: bool,
}

/// As it may be shown: without the keys.
impl fmt::Debug for S3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endpoint = self.endpoint.as_deref().unwrap_or("Amazon");
        write!(f, "s3://{}/{} at {endpoint} ({})", self.bucket, self.prefix, self.region)
    }
}

/// What is wrong with a place as an operator wrote it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlaceFault {
    /// No bucket is named.
    #[error("`{0}` names no bucket; write s3://bucket or s3://bucket/prefix")]
    NoBucket(String),
    /// A variable that an S3 server needs is not set.
    #[error("evidence in S3 needs the environment variable {0}; set it, or give a folder")]
    NotSet(&'static str),
}

impl EvidencePlace {
    /// Reads what an operator wrote: `s3://bucket/prefix`, or the path of a folder. How an S3 server is
    /// reached is asked of the environment.
    ///
    /// # Errors
    /// [`PlaceFault`].
    pub fn parse(
        text: &str,
        variable: impl Fn(&'static str) -> Option<String>,
    ) -> Result<Self, PlaceFault> {
        let Some(rest) = text.strip_prefix("s3://") else {
            return Ok(Self::Folder(PathBuf::from(text)));
        };
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() {
            return Err(PlaceFault::NoBucket(text.to_owned()));
        }
        let needed = |name| variable(name).ok_or(PlaceFault::NotSet(name));
        let endpoint = variable("MIZAN_S3_ENDPOINT");
        let is_local = endpoint.as_deref().is_some_and(is_this_machine);
        Ok(Self::S3(S3 {
            bucket: bucket.to_owned(),
            prefix: prefix.trim_matches('/').to_owned(),
            region: variable("MIZAN_S3_REGION").unwrap_or_else(|| "us-east-1".to_owned()),
            access_key: needed("MIZAN_S3_ACCESS_KEY")?,
            secret_key: Zeroizing::new(needed("MIZAN_S3_SECRET_KEY")?),
            allow_http: is_local || variable("MIZAN_S3_ALLOW_HTTP").as_deref() == Some("1"),
            endpoint,
        }))
    }

    /// Opens the place, and makes sure that it answers.
    pub(super) async fn open(&self) -> Result<(Arc<dyn ObjectStore>, Path), Error> {
        match self {
            Self::Folder(folder) => {
                let file_error = |source| Error::File { path: folder.clone(), source };
                std::fs::create_dir_all(folder).map_err(file_error)?;
                // What is acknowledged is on the disk: the file first, then its name.
                let objects = LocalFileSystem::new_with_prefix(folder)?.with_fsync(true);
                Ok((Arc::new(objects.with_automatic_cleanup(true)), Path::default()))
            }
            Self::S3(s3) => {
                let objects = s3.open()?;
                let prefix = Path::parse(&s3.prefix).map_err(object_store::Error::from)?;
                // A wrong key or bucket is told when the server starts, not when the first photo comes.
                match objects.head(&prefix.clone().join("start")).await {
                    Ok(_) | Err(object_store::Error::NotFound { .. }) => Ok((objects, prefix)),
                    Err(error) => Err(error.into()),
                }
            }
        }
    }
}

impl S3 {
    fn open(&self) -> Result<Arc<dyn ObjectStore>, Error> {
        let retry =
            RetryConfig { max_retries: 3, retry_timeout: PATIENCE, ..RetryConfig::default() };
        let client = ClientOptions::new().with_timeout(PATIENCE).with_allow_http(self.allow_http);
        let builder = AmazonS3Builder::new()
            .with_client_options(client)
            .with_bucket_name(&self.bucket)
            .with_region(&self.region)
            .with_access_key_id(&self.access_key)
            .with_secret_access_key(self.secret_key.as_str())
            // Not every server that speaks S3 knows how to delete many at once.
            .with_disable_bulk_delete(true)
            .with_retry(retry);
        let builder = match &self.endpoint {
            Some(endpoint) => builder.with_endpoint(endpoint),
            None => builder,
        };
        Ok(Arc::new(builder.build()?))
    }
}

fn is_this_machine(endpoint: &str) -> bool {
    let host = endpoint.strip_prefix("http://").unwrap_or_default();
    ["localhost", "127.0.0.1", "[::1]"].iter().any(|local| {
        host.strip_prefix(local).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(name: &'static str) -> Option<String> {
        match name {
            "MIZAN_S3_ENDPOINT" => Some("http://127.0.0.1:9000".into()),
            "MIZAN_S3_ACCESS_KEY" => Some("key-name".into()),
            "MIZAN_S3_SECRET_KEY" => Some("key-itself".into()),
            _ => None,
        }
    }

    #[test]
    fn a_bucket_and_a_folder_are_told_apart() {
        let place = EvidencePlace::parse("s3://evidence/cycle/4/", variables).unwrap();
        let EvidencePlace::S3(s3) = &place else { panic!("{place:?}") };
        assert_eq!((s3.bucket.as_str(), s3.prefix.as_str()), ("evidence", "cycle/4"));
        assert!(s3.allow_http, "the server is this machine");
        assert_eq!(s3.region, "us-east-1");
        let folder = EvidencePlace::parse("/srv/evidence", |_| None).unwrap();
        assert_eq!(folder, EvidencePlace::Folder("/srv/evidence".into()));
    }

    #[test]
    fn what_is_missing_is_named_and_keys_are_never_shown() {
        let refused = EvidencePlace::parse("s3://evidence", |_| None).unwrap_err();
        assert!(refused.to_string().contains("MIZAN_S3_ACCESS_KEY"), "{refused}");
        assert!(EvidencePlace::parse("s3:///prefix", variables).is_err());
        let shown = format!("{:?}", EvidencePlace::parse("s3://evidence", variables).unwrap());
        assert!(shown.contains("s3://evidence") && !shown.contains("key-"), "{shown}");
    }

    #[test]
    fn without_tls_only_this_machine_is_spoken_to_unasked() {
        for (endpoint, local) in [
            ("http://localhost", true),
            ("http://[::1]:9000/", true),
            ("http://127.0.0.1.example.org", false),
            ("http://s3.example.org", false),
        ] {
            assert_eq!(is_this_machine(endpoint), local, "{endpoint}");
        }
    }
}
