//! Names in the environment that look like settings and are none: whoever mistypes one would not be told otherwise.

use super::ALL;

/// Names that are no settings and have a meaning: of the configuration file, of a command, and of what tests, checks and the
/// example clients go by.
const MEANT: &[&str] = &[
    "YIDAN_CONFIG",
    "YIDAN_ADMIN_PASSWORD",
    "YIDAN_URL",
    "YIDAN_ADVISORIES",
    "YIDAN_FUZZ_EXAMPLES",
    "YIDAN_REQUIRE_POSTGRES",
    "YIDAN_TEST_LOG",
    "YIDAN_TEST_PG_BIN",
];

/// Letters that may be wrong for a setting to be taken for the one that was meant.
const NEAR: usize = 4;

/// A sentence for each name that begins as settings do and is none.
#[must_use]
pub fn unknown(names: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut told: Vec<String> = names
        .into_iter()
        .filter(|name| name.starts_with("YIDAN_") && !is_known(name))
        .map(|name| match nearest(&name) {
            Some(meant) => format!("{name} is no setting; was {meant} meant?"),
            None => format!("{name} is no setting"),
        })
        .collect();
    told.sort();
    told
}

fn is_known(name: &str) -> bool {
    // Kubernetes tells its containers of a service named yidan so.
    let of_kubernetes = name == "YIDAN_PORT" || name.starts_with("YIDAN_PORT_") || name.starts_with("YIDAN_SERVICE_");
    of_kubernetes || MEANT.contains(&name) || ALL.iter().any(|(_, environment, ..)| *environment == name)
}

fn nearest(name: &str) -> Option<&'static str> {
    let far = |environment: &'static str| (distance(name, environment), environment);
    let found = ALL.iter().map(|(_, environment, ..)| far(environment)).min()?;
    (found.0 <= NEAR).then_some(found.1)
}

/// How many letters have to be put in, taken out or exchanged to make one of the other.
fn distance(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, letter) in left.bytes().enumerate() {
        let mut last = line + 1;
        let mut next = vec![last];
        for (pair, other) in row.windows(2).zip(right.bytes()) {
            let &[corner, above] = pair else { continue };
            last = (corner + usize::from(letter != other)).min(above + 1).min(last + 1);
            next.push(last);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(name: &str) -> Vec<String> {
        unknown([name.to_owned()])
    }

    #[test]
    fn a_mistyped_setting_is_told_with_what_was_meant() {
        assert_eq!(told("YIDAN_LISEN"), ["YIDAN_LISEN is no setting; was YIDAN_LISTEN meant?"]);
        assert_eq!(told("YIDAN_DATABASE"), ["YIDAN_DATABASE is no setting; was YIDAN_DATABASE_URL meant?"]);
        assert_eq!(told("YIDAN_SOMETHING_ELSE_ALTOGETHER"), ["YIDAN_SOMETHING_ELSE_ALTOGETHER is no setting"]);
    }

    #[test]
    fn what_means_something_is_left_alone() {
        for (_, environment, ..) in ALL {
            assert_eq!(told(environment), Vec::<String>::new());
        }
        for name in ["YIDAN_CONFIG", "YIDAN_TEST_PG_BIN", "YIDAN_SERVICE_PORT_HTTP", "YIDAN_PORT_8080_TCP", "PATH"] {
            assert_eq!(told(name), Vec::<String>::new());
        }
    }

    #[test]
    fn letters_are_counted() {
        for (left, right, letters) in [("", "", 0), ("abc", "abc", 0), ("abc", "", 3), ("abc", "adcb", 2), ("", "x", 1)]
        {
            assert_eq!((distance(left, right), distance(right, left)), (letters, letters), "{left} {right}");
        }
    }
}
