//! The demonstration world: 平澜市澜溪县, a fictional county of Jiangsu with people for every role, and 云泽市, a fictional
//! municipality whose districts stand directly below the province level.
//!
//! [`world`] registers places, organisations and people; [`story`] plays the last months with them, each act through the
//! use cases the API uses, on a clock of its own: first editions, adjustments and admissions in every state, a change of
//! law, an evaluation. Nothing is written past the rules, so what the demonstration shows is what the system does.

mod story;
mod text;
mod world;

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    identity::{
        password::{self, Password},
        store,
    },
    kernel::{
        clock::{Clock, ManualClock, china_date, china_midnight},
        ctx::{Ctx, RequestInfo, Who},
        db::Db,
        fault::{Fault, Outcome, refuse},
        ids::{OrgUnitId, PostId, ProvinceId},
        keyring::Keyring,
        platform::Platform,
        refusal::Refusal,
        role::Role,
        runner::{UseCase, run},
    },
    setup::store::{self as deployment, Demonstration},
};

/// The password of every account of the demonstration; accepted nowhere else.
pub const PASSWORD: &str = "Yidan-demo-2026";

/// How many days ago the story begins.
const DAYS: i64 = 150;

/// The world while it is being made.
struct Demo {
    platform: Arc<Platform>,
    clock: ManualClock,
    now_in_truth: DateTime<Utc>,
    hash: String,
    orgs: HashMap<(ProvinceId, String), OrgUnitId>,
    posts: HashMap<(ProvinceId, String, Role), PostId>,
}

impl Demo {
    fn system(&self) -> Ctx {
        Ctx::system(Arc::clone(&self.platform), "演示数据")
    }

    fn org(&self, province: ProvinceId, name: &str) -> Outcome<OrgUnitId> {
        self.orgs
            .get(&(province, name.to_owned()))
            .copied()
            .ok_or_else(|| Fault::new(format!("no organisation {name} in the demo")).into())
    }

    /// Plays a command as the person with this user name in this role.
    async fn play<U: UseCase>(
        &self,
        province: ProvinceId,
        username: &str,
        role: Role,
        command: &U,
    ) -> Outcome<U::Output> {
        let ctx = self.person(province, username, role).await?;
        run(&ctx, command).await.map_err(|failure| told(failure, U::NAME, username))
    }

    /// The person with this user name, acting in this role.
    async fn person(&self, province: ProvinceId, username: &str, role: Role) -> Outcome<Ctx> {
        let post = self.posts.get(&(province, username.to_owned(), role));
        let post = post.ok_or_else(|| Fault::new(format!("nobody called {username} is {role} in the demo")))?;
        let actor = store::holder(&self.platform, *post).await?.ok_or_else(|| Fault::new("a post without holder"))?;
        Ok(self.as_who(Who::Member(Arc::new(actor))))
    }

    fn as_who(&self, who: Who) -> Ctx {
        let info =
            RequestInfo { request_id: format!("demo-{}", uuid::Uuid::now_v7().simple()), ..RequestInfo::default() };
        Ctx::of_request(Arc::clone(&self.platform), who, info)
    }

    /// Lets working days pass, until nine in the morning.
    fn pass(&self, working_days: u32) {
        let day = self.platform.calendar().working_day(china_date(self.clock.now()), working_days);
        self.go_to(china_midnight(day) + TimeDelta::hours(9));
    }

    /// Goes back to the beginning, for the next province.
    fn begin(&self) {
        let today = china_midnight(china_date(self.now_in_truth));
        self.clock.set(today - TimeDelta::days(DAYS) + TimeDelta::hours(9));
    }

    /// Jumps to nine in the morning so many days before today.
    fn jump(&self, days_ago: i64) {
        self.go_to(china_midnight(china_date(self.now_in_truth)) - TimeDelta::days(days_ago) + TimeDelta::hours(9));
    }

    /// Neither back, nor into the future, whatever the holidays of the season make of a number of working days.
    fn go_to(&self, moment: DateTime<Utc>) {
        self.clock.set(moment.max(self.clock.now()).min(self.now_in_truth));
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}

/// A refusal in the demonstration is a fault of the demonstration.
fn told(failure: crate::kernel::fault::Failure, command: &str, username: &str) -> crate::kernel::fault::Failure {
    Fault::new(format!("demo: {command} as {username}: {failure:?}")).into()
}

/// Whether a database shows the demonstration, whole or in part: its passwords are published.
pub async fn is_in(db: &Db) -> Outcome<bool> {
    Ok(deployment::demonstration(db.read()).await?.is_some())
}

/// Loads the demonstration world, unless it is there; never beside anything else, for everybody knows its passwords.
/// `progress` hears how far it is: done, in all, what.
pub async fn load(platform: &Arc<Platform>, mut progress: impl FnMut(usize, usize, &'static str)) -> Outcome<()> {
    let db = platform.db.write_pool();
    match deployment::demonstration(db).await? {
        Some(Demonstration::Loaded) => return Ok(()),
        Some(Demonstration::Loading) => {
            return refuse(Refusal::forbidden(
                "演示数据未能完整载入，请删除该数据库后重新启动。",
                "The demonstration was not loaded to its end; delete the database and start again.",
            ));
        }
        None if deployment::in_use(db).await? => {
            return refuse(Refusal::forbidden(
                "该数据库已在使用，演示数据的口令是公开的，不得载入；请为演示另用一个空数据库。",
                "The database is in use; the demonstration, whose passwords are published, goes into an empty one only.",
            ));
        }
        None => deployment::set_demonstration(db, Demonstration::Loading).await?,
    }
    let today = china_midnight(china_date(platform.clock.now()));
    let clock = ManualClock::at(today - TimeDelta::days(DAYS) + TimeDelta::hours(9));
    let keyring = Keyring::new(platform.keyring.secret().clone());
    let own = Platform::start(
        platform.db.clone(),
        Arc::new(clock.clone()),
        keyring,
        platform.sessions.clone(),
        platform.password_cost,
    )
    .await?;
    let hash = password::hash_now(platform.password_cost, &Password::new(PASSWORD))?;
    let mut demo = Demo {
        platform: own,
        clock,
        now_in_truth: platform.clock.now(),
        hash,
        orgs: HashMap::new(),
        posts: HashMap::new(),
    };
    let steps = 3 + story::COUNTY_STEPS;
    let jiangsu = world::county(&mut demo).await?;
    progress(1, steps, "demo 演示数据");
    let municipality = world::municipality(&mut demo).await?;
    progress(2, steps, "demo 演示数据");
    story::county(&demo, jiangsu, |done| progress(2 + done, steps, "demo 演示数据")).await?;
    story::municipality(&demo, municipality).await?;
    progress(steps, steps, "demo 演示数据");
    deployment::set_demonstration(db, Demonstration::Loaded).await
}

/// The accounts, for the console.
#[must_use]
pub fn accounts_table() -> String {
    world::accounts_table()
}
