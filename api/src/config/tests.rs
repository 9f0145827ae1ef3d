//! Tests of the room `config`.

use super::*;

fn with(change: impl FnOnce(&mut Given)) -> Result<Settings, BadSetting> {
    let mut given = Given::default();
    change(&mut given);
    Settings::read(&given)
}

#[test]
fn defaults_are_good() {
    let settings = with(|_| {}).unwrap();
    assert_eq!(settings.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(settings.password_cost().memory_kib, 19_456);
}

#[test]
fn a_bad_setting_is_named_in_one_line() {
    for (change, name) in [
        (
            Box::new(|given: &mut Given| given.listen = Some("nowhere".into())) as Box<dyn FnOnce(&mut Given)>,
            "YIDAN_LISTEN",
        ),
        (Box::new(|given: &mut Given| given.access_seconds = Some("5".into())), "YIDAN_ACCESS_SECONDS"),
        (Box::new(|given: &mut Given| given.database_url = Some("mysql://x".into())), "YIDAN_DATABASE_URL"),
        (Box::new(|given: &mut Given| given.workers = Some("-1".into())), "YIDAN_WORKERS"),
        (Box::new(|given: &mut Given| given.session_seconds = Some("5".into())), "YIDAN_SESSION_SECONDS"),
        (Box::new(|given: &mut Given| given.log_format = Some("xml".into())), "YIDAN_LOG_FORMAT"),
        (Box::new(|given: &mut Given| given.webhook_ranges = Some("10.0.0.0/33".into())), "YIDAN_WEBHOOK_RANGES"),
        (Box::new(|given: &mut Given| given.webhook_timeout = Some("0".into())), "YIDAN_WEBHOOK_TIMEOUT"),
        (Box::new(|given: &mut Given| given.config = Some("/nowhere/yidan.toml".into())), "YIDAN_CONFIG"),
    ] {
        let error = with(change).unwrap_err().to_string();
        assert!(error.contains(name) && !error.contains('\n'), "{error}");
    }
}

#[test]
fn a_secret_that_is_too_short_is_told_what_is_long_enough() {
    let secret = |text: &str| with(|given| given.secret = Some(text.into())).unwrap().secret(false).map(|_| ());
    let hex = "0123456789abcdef0123456789abcdef0123";
    let told = secret(hex).unwrap_err().to_string();
    assert!(told.contains("YIDAN_SECRET") && told.contains("64 hexadecimal digits") && !told.contains(hex), "{told}");
    assert!(secret("0123456789abcdef0123456789abcdef as text").is_ok());
}

#[test]
fn flags_win_over_the_file_and_unknown_keys_are_refused() {
    let file = tempfile_with("listen = \"127.0.0.1:1\"\nworkers = 3\n");
    let settings = with(|given| {
        given.config = Some(file.clone());
        given.listen = Some("127.0.0.1:2".into());
    })
    .unwrap();
    assert_eq!((settings.listen.port(), settings.workers), (2, 3));
    let bad = tempfile_with("lisen = \"x\"\n");
    assert!(with(|given| given.config = Some(bad)).unwrap_err().to_string().contains("lisen"));
}

#[test]
fn what_is_written_has_to_have_a_place() {
    let home = std::env::temp_dir().join(format!("yidan-places-{}", uuid::Uuid::now_v7()));
    let file = tempfile_with("");
    let places = |change: &dyn Fn(&mut Given)| {
        let settings = with(change).unwrap();
        settings.places(&settings.database("yidan.db").unwrap()).map_err(|error| error.to_string())
    };
    let text = |path: &std::path::Path| Some(path.display().to_string());
    let url = |path: &std::path::Path| Some(format!("sqlite://{}", path.display()));
    assert_eq!(places(&|given| given.data_dir = text(&home.join("a/b"))), Ok(()));
    assert_eq!(places(&|given| given.data_dir = text(&std::env::temp_dir())), Ok(()));
    let secret = "0123456789abcdef0123456789abcdef as text";
    assert_eq!(
        places(&|given| {
            given.database_url = url(&home.join("a/x.db"));
            given.secret = Some(secret.into());
            given.data_dir = text(&file.join("not needed"));
        }),
        Ok(())
    );
    assert!(!home.exists(), "nothing is made");
    // Below a file there is no folder.
    let told = places(&|given| given.data_dir = text(&file.join("a"))).unwrap_err();
    assert!(told.contains("YIDAN_DATA_DIR") && told.contains("cannot be made"), "{told}");
    let told = places(&|given| {
        given.database_url = url(&file.join("a/x.db"));
        given.data_dir = text(&home);
    });
    assert!(told.unwrap_err().contains("YIDAN_DATABASE_URL"));
    assert_eq!(places(&|given| given.database_url = Some("postgres://nowhere/x".into())), Ok(()));
    #[cfg(target_os = "linux")]
    assert!(places(&|given| given.data_dir = Some("/proc/foo".into())).is_err());
}

fn tempfile_with(text: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("yidan-config-{}.toml", uuid::Uuid::now_v7()));
    std::fs::write(&path, text).unwrap();
    path
}
