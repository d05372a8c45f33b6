//! A PostgreSQL server for tests that are not Rust: says its address and serves until it is killed.

use mizan_tests::postgres::shared;

fn main() {
    println!("{}", shared().address());
    loop {
        std::thread::park();
    }
}
