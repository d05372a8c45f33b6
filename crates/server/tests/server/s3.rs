//! A server that speaks S3, over a folder, on a free port of this machine.

use std::net::SocketAddr;

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use mizan_server::evidence::{EvidencePlace, S3};
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};
use zeroize::Zeroizing;

const BUCKET: &str = "evidence";
const NAME: &str = "mizan";
const SECRET: &str = "a key of the bucket";

pub struct S3Server {
    pub folder: TempDir,
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl S3Server {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(BUCKET)).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(serve(listener, service(&folder)));
        Self { folder, address, task }
    }

    /// How the bucket is reached.
    pub fn place(&self) -> EvidencePlace {
        self.place_by(SECRET)
    }

    pub fn place_by(&self, secret: &str) -> EvidencePlace {
        EvidencePlace::S3(S3 {
            bucket: BUCKET.into(),
            prefix: "programme/4".into(),
            endpoint: Some(format!("http://{}", self.address)),
            region: "us-east-1".into(),
            access_key: NAME.into(),
            secret_key: Zeroizing::new(secret.into()),
            allow_http: true,
        })
    }

    /// Breaks every connection and answers no more.
    pub async fn stop(&mut self) {
        self.task.abort();
        assert!((&mut self.task).await.unwrap_err().is_cancelled());
    }

    /// Answers again, at the same address.
    pub async fn go_on(&mut self) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.task = tokio::spawn(serve(listener, service(&self.folder)));
    }
}

fn service(folder: &TempDir) -> S3Service {
    let mut builder = S3ServiceBuilder::new(s3s_fs::FileSystem::new(folder.path()).unwrap());
    builder.set_auth(SimpleAuth::from_single(NAME, SECRET));
    builder.build()
}

async fn serve(listener: TcpListener, service: S3Service) {
    let mut connections = JoinSet::new();
    loop {
        let (socket, _) = listener.accept().await.unwrap();
        let service = service.clone();
        connections.spawn(async move {
            let builder = Builder::new(TokioExecutor::new());
            // Clients hang up as they like.
            drop(builder.serve_connection(TokioIo::new(socket), service).await);
        });
    }
}
