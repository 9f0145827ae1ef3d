//! Runs a story on both databases.

use std::future::Future;

use crate::{Backend, World, database};

/// Declares tests that run on SQLite and on PostgreSQL: `name::sqlite` and `name::postgres`.
#[macro_export]
macro_rules! on_both {
    ($($(#[$meta:meta])* async fn $name:ident($world:ident: World) $body:block)+) => {
        $(
            $(#[$meta])*
            mod $name {
                #[allow(unused_imports, reason = "a story may need nothing from around it")]
                use super::*;

                async fn story($world: $crate::World) $body

                #[test]
                fn sqlite() {
                    $crate::runner::run($crate::Backend::Sqlite, story);
                }

                #[test]
                fn postgres() {
                    $crate::runner::run($crate::Backend::Postgres, story);
                }
            }
        )+
    };
}

/// Shows the server's log if `YIDAN_TEST_LOG` asks for it, as in `YIDAN_TEST_LOG=yidan=warn`.
fn log() {
    if let Ok(filter) = std::env::var("YIDAN_TEST_LOG") {
        let _ = tracing_subscriber::fmt().with_env_filter(filter).with_test_writer().try_init();
    }
}

/// Tells `story` in a fresh world. Where there is no PostgreSQL its half is left out, as [`database::fresh`] says.
pub fn run<F: Future<Output = ()>>(backend: Backend, story: impl FnOnce(World) -> F) {
    log();
    let Some(database) = database::fresh(backend) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        runtime.block_on(async {
            let world = World::start(&database).await;
            story(world.clone()).await;
            world.stop().await;
        });
    }));
    // Before the database goes: whatever still holds a connection goes with the runtime.
    runtime.shutdown_timeout(std::time::Duration::from_secs(5));
    drop(database);
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}
