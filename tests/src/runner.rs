//! Runs a story on both databases.

use std::future::Future;

use crate::{
    Backend, World,
    database::{self, Fresh},
};

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

/// The same with the demonstration world loaded.
#[macro_export]
macro_rules! on_both_demonstration {
    ($($(#[$meta:meta])* async fn $name:ident($world:ident: World) $body:block)+) => {
        $(
            $(#[$meta])*
            mod $name {
                #[allow(unused_imports, reason = "a story may need nothing from around it")]
                use super::*;

                async fn story($world: $crate::World) $body

                #[test]
                fn sqlite() {
                    $crate::runner::run_demonstration($crate::Backend::Sqlite, story);
                }

                #[test]
                fn postgres() {
                    $crate::runner::run_demonstration($crate::Backend::Postgres, story);
                }
            }
        )+
    };
}

/// Declares tests on databases that have nothing in them yet, on SQLite and on PostgreSQL.
#[macro_export]
macro_rules! on_both_empty {
    ($($(#[$meta:meta])* async fn $name:ident($database:ident: &Fresh) $body:block)+) => {
        $(
            $(#[$meta])*
            mod $name {
                #[allow(unused_imports, reason = "a story may need nothing from around it")]
                use super::*;

                async fn story($database: &$crate::database::Fresh) $body

                #[test]
                fn sqlite() {
                    $crate::runner::run_empty($crate::Backend::Sqlite, story);
                }

                #[test]
                fn postgres() {
                    $crate::runner::run_empty($crate::Backend::Postgres, story);
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
pub fn run(backend: Backend, story: impl AsyncFnOnce(World)) {
    log();
    in_world(database::fresh(backend), story);
}

/// Tells `story` in a world of its own that has the demonstration in it.
pub fn run_demonstration(backend: Backend, story: impl AsyncFnOnce(World)) {
    log();
    in_world(database::demonstration(backend), story);
}

fn in_world(database: Option<Fresh>, story: impl AsyncFnOnce(World)) {
    let Some(database) = database else { return };
    tell(async {
        let world = World::start(&database).await;
        story(world.clone()).await;
        world.stop().await;
    });
}

/// Tells `story` with databases that have nothing in them.
pub fn run_empty(backend: Backend, story: impl AsyncFnOnce(&Fresh)) {
    log();
    let Some(database) = database::empty(backend) else { return };
    tell(story(&database));
}

fn tell(story: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| runtime.block_on(story)));
    // Before the database goes: whatever still holds a connection goes with the runtime.
    runtime.shutdown_timeout(std::time::Duration::from_secs(5));
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}
