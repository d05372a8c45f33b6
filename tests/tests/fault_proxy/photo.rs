//! The line is cut under a photo: around every border of its parts, and at random bytes.

use std::sync::Mutex;

use mizan_device::transport::{Http, Method, NoReply, Reply, Request, Transport};
use mizan_domain::evaluation::RawAnswer;
use mizan_domain::rubric::EvidenceKind;
use mizan_domain::scale::RawValue;
use mizan_protocol::canonical::Digest;
use mizan_server::store::Store;
use mizan_tests::proxy::{Cut, Proxy};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use crate::Field;
use crate::harness::NOW;

const SEED: u64 = 20_261_130;
/// The bytes of a part.
const PART: usize = 256 << 10;
/// Two whole parts and some of a third.
const LENGTH: usize = 2 * PART + 40_000;
/// Cuts at random bytes, on the way there and back.
const RANDOM: usize = 40;
const RANDOM_SOAK: usize = 1_000;
/// Photos of one visit: a visit is sealed with all of them.
const AT_ONCE: usize = 50;

/// More than the head of a request has.
const HEAD: usize = 1_000;

/// Each photo goes by a connection of its own, which is cut once; everything else past the proxy.
struct PhotoLine<'a> {
    direct: &'a Http,
    proxy: &'a Proxy,
    cuts: Mutex<Vec<Cut>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Where the photo goes that is on its way, and its line.
    proxied: Option<(String, Http)>,
    /// How many bytes the proxy had carried before.
    before: usize,
    requests: usize,
    /// Where the bodies of the photo's requests began and ended in what was carried.
    borders: Vec<usize>,
    /// The cut that the photo's connection was to meet.
    cut: Option<Cut>,
    missed: Vec<Cut>,
}

impl State {
    /// A photo is there: what went to the server is the whole, and less than another part.
    fn end_photo(&mut self, proxy: &Proxy) {
        self.missed.extend(self.cut.take().filter(|_| !proxy.has_cut()));
        let went = proxy.carried() - self.before;
        let again = went.saturating_sub(LENGTH + HEAD * self.requests);
        assert!(went > LENGTH && again <= PART, "{went} bytes went of a photo of {LENGTH}");
        (self.before, self.requests) = (proxy.carried(), 0);
    }
}

impl Transport for PhotoLine<'_> {
    async fn send(&self, request: &Request) -> Result<Reply, NoReply> {
        if request.method != Method::Patch {
            return self.direct.send(request).await;
        }
        let line = {
            let mut state = self.state.lock().unwrap();
            let known = state.proxied.clone().filter(|(path, _)| *path == request.path);
            let line = match known {
                Some((_, line)) => line,
                None => {
                    if state.requests > 0 {
                        state.end_photo(self.proxy);
                    }
                    state.borders.clear();
                    state.cut = self.cuts.lock().unwrap().pop();
                    state.cut.inspect(|cut| self.proxy.next(*cut));
                    let line = Http::new(&self.proxy.url).unwrap();
                    state.proxied = Some((request.path.clone(), line.clone()));
                    line
                }
            };
            state.requests += 1;
            line
        };
        let reply = line.send(request).await;
        let mut state = self.state.lock().unwrap();
        let end = self.proxy.carried() - state.before;
        state.borders.extend([end.saturating_sub(request.body.len()), end]);
        drop(state);
        reply
    }

    async fn pause(&self, _: u64) {}
}

/// A photo no other is like.
fn photo(rng: &mut StdRng) -> Vec<u8> {
    let scan: Vec<u8> = (0..LENGTH - 8).map(|_| rng.random::<u8>() & 0x7F).collect();
    [&[0xFF, 0xD8, 0xFF, 0xDA, 0, 2], scan.as_slice(), &[0xFF, 0xD9]].concat()
}

/// Sends a photo for each cut, in one visit; gives the cuts that no connection came to and the borders
/// of the last.
async fn send_photos(cuts: Vec<Cut>, rng: &mut StdRng) -> (Vec<Cut>, Vec<usize>) {
    let field = Field::begin().await;
    let many = cuts.len().max(1);
    let mut photos = Vec::new();
    {
        let mut device = field.device.lock().unwrap();
        for (criterion, value) in
            [("P1", RawValue::Bool(true)), ("P2", RawValue::Text("50".into()))]
        {
            let answer = RawAnswer::Value(value);
            device.answer(field.visit, criterion, &answer, Some("seen"), NOW).unwrap();
        }
        for _ in 0..many {
            let photo = photo(rng);
            device.attach(field.visit, "P1", &photo, EvidenceKind::Photo, NOW).unwrap();
            photos.push(Digest::of(&photo));
        }
        device.submit(field.visit, true, NOW).unwrap();
    }
    let proxy = Proxy::start(&field.programme.server.url).await;
    let line = PhotoLine {
        direct: &field.direct,
        proxy: &proxy,
        cuts: Mutex::new(cuts),
        state: Mutex::default(),
    };
    let report = field.sync(&line).await.unwrap();
    assert_eq!((report.files_sent, report.files_refused.len()), (many, 0));
    let mut state = line.state.into_inner().unwrap();
    state.end_photo(&proxy);
    on_server_once(&field, &photos).await;
    let status = field.device.lock().unwrap().status().unwrap();
    assert_eq!((status.unsent_records, status.unsent_files), (0, 0));
    (state.missed, state.borders)
}

/// The server has each photo once, whole, counts it once, and keeps nothing of how it came.
async fn on_server_once(field: &Field, photos: &[Digest]) {
    let store = Store::open(&field.programme.server.location()).unwrap();
    let read = |tx: &mut dyn mizan_server::tx::Tx| {
        let rows = tx.query("SELECT sha256 FROM evidence", &[])?;
        let held = rows.iter().map(|row| row.digest(0)).collect::<Result<Vec<_>, _>>()?;
        let total = tx.query("SELECT bytes FROM evidence_total", &[])?[0].int(0)?;
        let parts = tx.query("SELECT COUNT(*) FROM upload_parts", &[])?[0].int(0)?;
        Ok((held, total, parts))
    };
    let (mut held, total, parts) = store.read(read).await.unwrap();
    let mut expected = photos.to_vec();
    held.sort_unstable();
    expected.sort_unstable();
    assert!(held == expected, "each photo once");
    assert_eq!((total as usize, parts), (photos.len() * LENGTH, 0));
    let reviewer = field.programme.person("reviewer", "reviewer", |_| {}).await;
    for sha256 in photos {
        let path = format!("/api/evidence/{sha256}");
        let (_, _, bytes) = reviewer.raw(reqwest::Method::GET, &path, None).await;
        assert_eq!(Digest::of(&bytes), *sha256);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_photo_goes_on_after_a_cut_and_is_there_once() {
    let mut rng = StdRng::seed_from_u64(SEED);
    let (_, borders) = send_photos(Vec::new(), &mut rng).await;
    let whole = *borders.last().unwrap();
    assert!(whole > LENGTH, "the proxy carried {whole} bytes");
    let around = |at: &usize| [at - 1, *at, at + 1].map(Cut::Request);
    // Behind the last byte there is nothing to cut.
    let mut cuts: Vec<Cut> = borders.iter().flat_map(around).collect();
    cuts.retain(|cut| matches!(cut, Cut::Request(at) if *at < whole));
    let at_borders = cuts.len();
    let soak = std::env::var_os("MIZAN_SOAK").is_some();
    for n in 0..if soak { RANDOM_SOAK } else { RANDOM } {
        cuts.push(match n % 4 {
            0 => Cut::Answer(rng.random_range(0..200)),
            _ => Cut::Request(rng.random_range(0..whole)),
        });
    }
    let (cut, mut left) = (cuts.len(), cuts);
    // A client may take a new connection in the middle of a photo; then another photo is cut there.
    for _ in 0..10 {
        for cuts in std::mem::take(&mut left).chunks(AT_ONCE) {
            left.extend(send_photos(cuts.to_vec(), &mut rng).await.0);
        }
    }
    assert_eq!(left, [], "each of {cut} connections is cut");
    println!(
        "fault proxy: {cut} photos of {LENGTH} bytes, each cut once ({at_borders} around the borders of \
         their parts), 0 duplicates, at most one part again (seed {SEED})"
    );
}
