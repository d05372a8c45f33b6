//! Tests that run on each engine.

/// Makes a test on each engine of each function named.
macro_rules! on_both_engines {
    ($($name:ident),+ $(,)?) => {$(
        mod $name {
            #[test]
            fn sqlite() {
                crate::harness::run_on(mizan_server::tx::Engine::Sqlite, super::$name());
            }

            #[test]
            fn postgres() {
                crate::harness::run_on(mizan_server::tx::Engine::Postgres, super::$name());
            }
        }
    )+};
}
pub(crate) use on_both_engines;
