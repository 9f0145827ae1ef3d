//! Which addresses the server may call. Pure.
//!
//! Whoever names an address that the server is to call could make it call what only the server reaches: itself, its
//! database, the machines beside it, the metadata of a cloud. So only public addresses are called, and those ranges that
//! the operator has opened: an intranet opens its own.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use url::{Host, Url};

use crate::kernel::refusal::Rule;

/// Longest address, in characters.
pub const MAX_URL: usize = 500;

/// What the operator has opened.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// Ranges besides the public ones.
    pub ranges: Vec<IpNet>,
    /// Whether plain HTTP will do.
    pub http: bool,
}

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

/// IANA's special-purpose registry, multicast and what is reserved.
const SPECIAL_V4: &[Ipv4Net] = &[
    v4(0, 0, 0, 0, 8),
    v4(10, 0, 0, 0, 8),
    v4(100, 64, 0, 0, 10),
    v4(127, 0, 0, 0, 8),
    v4(169, 254, 0, 0, 16),
    v4(172, 16, 0, 0, 12),
    v4(192, 0, 0, 0, 24),
    v4(192, 0, 2, 0, 24),
    v4(192, 88, 99, 0, 24),
    v4(192, 168, 0, 0, 16),
    v4(198, 18, 0, 0, 15),
    v4(198, 51, 100, 0, 24),
    v4(203, 0, 113, 0, 24),
    v4(224, 0, 0, 0, 3),
];

const fn v6(first: u16, second: u16, prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(first, second, 0, 0, 0, 0, 0, 0), prefix)
}

/// Of IPv6, only this is handed out to the public …
const PUBLIC_V6: Ipv6Net = v6(0x2000, 0, 3);
/// … but for protocols such as Teredo, 6to4, and documentation.
const SPECIAL_V6: &[Ipv6Net] = &[v6(0x2001, 0, 23), v6(0x2001, 0xdb8, 32), v6(0x2002, 0, 16), v6(0x3fff, 0, 20)];

/// The IPv4 address that an IPv6 address stands for: mapped, or reached through NAT64.
fn embedded(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let nat64 = v6(0x64, 0xff9b, 96).contains(&ip);
    let [.., a, b, c, d] = ip.octets();
    ip.to_ipv4_mapped().or_else(|| nat64.then_some(Ipv4Addr::new(a, b, c, d)))
}

impl Reach {
    /// Everywhere, for addresses that the operator has named.
    #[must_use]
    pub fn everywhere() -> Self {
        let all = [IpNet::V4(v4(0, 0, 0, 0, 0)), IpNet::V6(v6(0, 0, 0))];
        Self { ranges: all.to_vec(), http: true }
    }

    /// Whether the server may call this address.
    #[must_use]
    pub fn allows(&self, ip: IpAddr) -> bool {
        let ip = match ip {
            IpAddr::V6(long) => embedded(long).map_or(ip, IpAddr::V4),
            IpAddr::V4(_) => ip,
        };
        let public = match ip {
            IpAddr::V4(ip) => !SPECIAL_V4.iter().any(|range| range.contains(&ip)),
            IpAddr::V6(ip) => PUBLIC_V6.contains(&ip) && !SPECIAL_V6.iter().any(|range| range.contains(&ip)),
        };
        public || self.ranges.iter().any(|range| range.contains(&ip))
    }

    /// An address as somebody typed it, if it may be called as far as that can be seen without asking for its name.
    pub fn url(&self, text: &str) -> Result<Url, Rule> {
        let wrong = |zh, en| Err(Rule { zh, en });
        // What browsers forgive — tabs, back-slashes, white space inside — is nothing that anybody means.
        if text.chars().any(|c| c.is_whitespace() || c.is_control() || c == '\\') || text.chars().count() > MAX_URL {
            return wrong(
                "应为不含空白字符的网址，最长500字符。",
                "must be a URL of at most 500 characters, without white space.",
            );
        }
        let Ok(url) = Url::parse(text) else {
            return wrong("不是有效的网址。", "is no URL.");
        };
        match url.scheme() {
            "https" => {}
            "http" if self.http => {}
            "http" => return wrong("须使用 https。", "must use https."),
            _ => return wrong("须为 https 网址。", "must be an https URL."),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return wrong("网址中不得包含用户名或密码。", "must not have a user name or a password in it.");
        }
        if url.fragment().is_some() {
            return wrong("网址中不得包含“#”片段。", "must not have a fragment.");
        }
        // A service below 1024 that does not speak HTTP is no business of ours.
        if !url.port_or_known_default().is_some_and(|port| matches!(port, 80 | 443 | 1024..)) {
            return wrong("端口须为 80、443 或 1024 以上。", "must have port 80, 443, or one from 1024.");
        }
        let literal = match url.host() {
            Some(Host::Ipv4(ip)) => Some(IpAddr::V4(ip)),
            Some(Host::Ipv6(ip)) => Some(IpAddr::V6(ip)),
            Some(Host::Domain(_)) => None,
            None => return wrong("不是有效的网址。", "is no URL."),
        };
        if literal.is_some_and(|ip| !self.allows(ip)) {
            return Err(FORBIDDEN);
        }
        Ok(url)
    }
}

/// An address that is not to be called.
pub const FORBIDDEN: Rule = Rule {
    zh: "该地址不在允许推送的网段内；内网网段须由运维在 webhook_ranges 中开放。",
    en: "is not in a range that may be called; an operator opens ranges of an intranet with webhook_ranges.",
};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn allows(text: &str) -> bool {
        Reach::default().allows(text.parse().unwrap())
    }

    #[test]
    fn only_public_addresses_are_called() {
        for inside in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.7",
            "203.0.113.7",
            "224.0.0.1",
            "239.255.255.250",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:a9fe:a9fe",
            "64:ff9b::7f00:1",
            "64:ff9b::a00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:808:808::1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!allows(inside), "{inside}");
        }
        for outside in [
            "1.1.1.1",
            "100.63.255.255",
            "172.32.0.1",
            "223.255.255.255",
            "2400:3200::1",
            "64:ff9b::808:808",
            "::ffff:8.8.8.8",
        ] {
            assert!(allows(outside), "{outside}");
        }
    }

    #[test]
    fn an_operator_opens_ranges() {
        let reach = Reach { ranges: vec!["10.1.0.0/16".parse().unwrap(), "fd00::/8".parse().unwrap()], http: false };
        let allows = |text: &str| reach.allows(text.parse().unwrap());
        assert!(allows("10.1.2.3") && allows("::ffff:10.1.2.3") && allows("fd12::1") && allows("8.8.8.8"));
        assert!(!allows("10.2.0.1") && !allows("127.0.0.1") && !allows("fc00::1") && !allows("64:ff9b::a02:1"));
    }

    #[test]
    fn what_is_typed_means_what_it_says() {
        let reach = Reach::default();
        for bad in [
            "",
            "x",
            "//example.com",
            "http://example.com/",
            "ftp://example.com/",
            "file:///etc/passwd",
            "javascript:1",
            "https://",
            "https:///",
            "https://u@example.com/",
            "https://u:p@example.com/",
            "https://:p@example.com/",
            "https://example.com/#x",
            "https://example.com:22/",
            "https://example.com:0/",
            "https://example.com:99999/",
            "https://exa mple.com/",
            "https://example.com\\@10.0.0.1/",
            "https://exa\tmple.com/",
            " https://example.com/",
            // Spellings of 127.0.0.1, 10.0.0.1 and 169.254.169.254.
            "https://2130706433/",
            "https://0x7f000001/",
            "https://0177.0.0.1/",
            "https://127.1/",
            "https://0/",
            "https://0x7f.1/",
            "https://①②⑦.0.0.1/",
            "https://127。0。0。1/",
            "https://10.1/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://[::ffff:a9fe:a9fe]/",
            "https://169.254.169.254/latest/meta-data",
            "https://2852039166/",
            "https://[fe80::1%25eth0]/",
            "https://[64:ff9b::127.0.0.1]/",
            "https://256.256.256.256/",
            "https://exa%00mple.com/",
            "https://xn--/",
            "https://exa\u{ad}\u{200b}mple .com/",
        ] {
            assert!(reach.url(bad).is_err(), "{bad}");
        }
        assert!(reach.url(&format!("https://example.com/{}", "长".repeat(500))).is_err());
        for (good, host) in [
            ("https://example.com/hook?tenant=1", "example.com"),
            ("https://EXAMPLE.com:8443", "example.com"),
            ("https://推送.政务.cn/", "xn--oq2av9w.xn--zfr164b.cn"),
            ("https://1.1.1.1/", "1.1.1.1"),
        ] {
            assert_eq!(reach.url(good).unwrap().host_str().map(str::len), Some(host.len()), "{good}");
        }
        assert!(Reach { http: true, ..reach }.url("http://example.com/").is_ok());
    }

    proptest! {
        #[test]
        fn no_text_gets_a_special_address_through(text in "https?://\\PC{0,40}") {
            let reach = Reach { http: true, ..Reach::default() };
            if let Ok(url) = reach.url(&text) {
                let literal = match url.host() {
                    Some(Host::Ipv4(ip)) => Some(IpAddr::V4(ip)),
                    Some(Host::Ipv6(ip)) => Some(IpAddr::V6(ip)),
                    _ => None,
                };
                prop_assert!(literal.is_none_or(|ip| reach.allows(ip)), "{url}");
                prop_assert!(url.username().is_empty() && url.password().is_none());
            }
        }

        #[test]
        fn what_a_mapped_address_stands_for_decides(bits: u32) {
            let short = Ipv4Addr::from_bits(bits);
            let reach = Reach::default();
            prop_assert_eq!(reach.allows(IpAddr::V6(short.to_ipv6_mapped())), reach.allows(IpAddr::V4(short)));
        }
    }
}
