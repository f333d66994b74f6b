use std::net::{IpAddr, Ipv6Addr};

/// The part of a network address that stands for one household or one server, which rates are counted by. It is what a
/// key is made of, with a keyed hash: it must not be kept itself.
///
/// IPv4 addresses count whole. Of IPv6 the first 64 bits count, as whoever has one address has all that begin so (RFC
/// 6177, RFC 4291 2.5.1). An IPv4 address that is written in IPv6 (RFC 4291, 2.5.5.2) is the IPv4 address.
pub fn network(address: IpAddr) -> [u8; 17] {
    let mut network = [0; 17];
    match address.to_canonical() {
        IpAddr::V4(address) => {
            network[0] = 4;
            network[1..5].copy_from_slice(&address.octets());
        }
        IpAddr::V6(address) => {
            network[0] = 6;
            network[1..].copy_from_slice(&first_half(address).octets());
        }
    }
    network
}

/// The first 48 bits of an IPv6 address, which is what one customer can have at most (RFC 6177, 2): 65,536 of the networks that
/// are counted each for itself. None for IPv4.
pub fn wide_network(address: IpAddr) -> Option<[u8; 17]> {
    let mut wide = network(address);
    (wide[0] == 6).then(|| {
        wide[0] = 48;
        wide[7..].fill(0);
        wide
    })
}

fn first_half(address: Ipv6Addr) -> Ipv6Addr {
    Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_is_one_wide_network() {
        let of = |address: &str| wide_network(address.parse().expect("an address"));
        assert_eq!(of("2001:db8:1:1::1"), of("2001:db8:1:ffff::2"));
        assert_ne!(of("2001:db8:1:1::1"), of("2001:db8:2:1::1"));
        assert!(of("2001:db8:1::") != Some(network("2001:db8:1::".parse().expect("an address"))));
        assert_eq!((of("192.0.2.1"), of("::ffff:192.0.2.1")), (None, None));
    }

    #[test]
    fn a_household_is_one_network() {
        let of = |address: &str| network(address.parse().expect("an address"));
        for (one, other) in [
            ("192.0.2.1", "::ffff:192.0.2.1"),
            ("2001:db8:0:1::1", "2001:db8:0:1:ffff:ffff:ffff:ffff"),
            ("2001:db8::", "2001:db8::c000:201"),
        ] {
            assert_eq!(of(one), of(other), "{one} {other}");
        }
        for (one, other) in [
            ("192.0.2.1", "192.0.2.2"),
            ("2001:db8:0:1::1", "2001:db8:0:2::1"),
            // The old way to write IPv4 in IPv6 is no address of anybody, and none of IPv4's.
            ("192.0.2.1", "::192.0.2.1"),
            ("0.0.0.0", "::"),
        ] {
            assert_ne!(of(one), of(other), "{one} {other}");
        }
    }
}
