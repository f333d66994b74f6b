//! Which addresses are public.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Says why a request must not go to an address; none for a public one.
pub fn private_range(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => private_range_v4(address),
        IpAddr::V6(address) => private_range_v6(address),
    }
}

fn private_range_v4(address: Ipv4Addr) -> Option<&'static str> {
    let [a, b, c, _] = address.octets();
    Some(match (a, b, c) {
        (0, ..) => "unspecified",
        (10, ..) | (172, 16..=31, _) | (192, 168, _) => "private",
        (127, ..) => "loopback",
        (169, 254, _) => "link-local",
        (100, 64..=127, _) => "carrier-grade NAT",
        (224..=239, ..) => "multicast",
        (240.., ..) => "reserved",
        (192, 0, 0) | (192, 88, 99) => "reserved",
        (192, 0, 2) | (198, 51, 100) | (203, 0, 113) => "documentation",
        (198, 18 | 19, _) => "benchmark",
        _ => return None,
    })
}

fn private_range_v6(address: Ipv6Addr) -> Option<&'static str> {
    let embedded = |high: u16, low: u16| private_range_v4((u32::from(high) << 16 | u32::from(low)).into());
    match address.segments() {
        _ if address.is_unspecified() => Some("unspecified"),
        _ if address.is_loopback() => Some("loopback"),
        // An IPv4 address as IPv6: mapped, or translated by the network (NAT64, 6to4).
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            embedded(high, low)
        }
        [0xfc00..=0xfdff, ..] => Some("private"),
        [0xfe80..=0xfebf, ..] => Some("link-local"),
        [0xff00..=0xffff, ..] => Some("multicast"),
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => Some("documentation"),
        // Teredo and other addresses of protocols.
        [0x2001, 0..=0x1ff, ..] => Some("reserved"),
        [0x2000..=0x3fff, ..] => None,
        _ => Some("reserved"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_have_no_range() {
        for (expected, addresses) in [
            (
                None,
                "1.1.1.1 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 172.15.0.1 172.32.0.1 192.167.1.1 193.0.0.1 198.17.0.1 \
                 223.255.255.255 2606:4700::1111 2a00:1450:4001::1 ::ffff:1.1.1.1 64:ff9b::1.1.1.1 2002:101:101::1",
            ),
            (Some("unspecified"), "0.0.0.0 0.1.2.3 :: ::ffff:0.0.0.0"),
            (Some("loopback"), "127.0.0.1 127.255.255.254 ::1 ::ffff:127.0.0.1 64:ff9b::127.0.0.1 2002:7f00:1::"),
            (
                Some("private"),
                "10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 fc00::1 fd12:3456::1 ::ffff:10.1.2.3 2002:a00:1::1",
            ),
            (Some("link-local"), "169.254.169.254 fe80::1 febf::1 ::ffff:169.254.169.254"),
            (Some("carrier-grade NAT"), "100.64.0.1 100.127.255.255"),
            (Some("multicast"), "224.0.0.1 239.1.1.1 ff02::1"),
            (Some("documentation"), "192.0.2.1 198.51.100.7 203.0.113.9 2001:db8::1 3fff:1::1"),
            (Some("benchmark"), "198.18.0.1 198.19.255.255"),
            (
                Some("reserved"),
                "240.0.0.1 255.255.255.255 192.0.0.8 192.88.99.1 ::127.0.0.1 ::2 2001::1 64:ff9b:1::1 fec0::1 100::1 4000::1 5f00::1",
            ),
        ] {
            for address in addresses.split_whitespace() {
                assert_eq!(private_range(address.parse().unwrap()), expected, "{address}");
            }
        }
    }
}
