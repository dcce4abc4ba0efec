//! Functions of address ranges in CIDR notation.

use super::{Answer, Context, Function, FunctionError, Param, a_list_of_strings, a_string, integer, string, strings, text};
use levee_model::Value;
use std::net::{Ipv4Addr, Ipv6Addr};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("cidrhost", &[Param::string("prefix"), Param::number("hostnum")], a_string, cidrhost),
    Function::new("cidrnetmask", &[Param::string("prefix")], a_string, cidrnetmask),
    Function::new("cidrsubnet", &[Param::string("prefix"), Param::number("newbits"), Param::number("netnum")], a_string, cidrsubnet),
    Function::new("cidrsubnets", &[Param::string("prefix")], a_list_of_strings, cidrsubnets).and_any_number_of(Param::number("newbits")),
];

/// A network: its first address, how many bits are fixed, and of how many (32 or 128).
#[derive(Clone, Copy)]
struct Network {
    address: u128,
    prefix: u32,
    bits: u32,
}

/// All ones in the lowest `n` bits.
fn ones(n: u32) -> u128 {
    1u128.checked_shl(n).map_or(u128::MAX, |bit| bit - 1)
}

impl Network {
    fn parse(source: &str) -> Option<Self> {
        let (address, prefix) = source.split_once('/')?;
        if prefix.is_empty() || !prefix.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let (address, bits) = match parse_v4(address) {
            Some(v4) => (v4.into(), 32),
            None => (address.parse::<Ipv6Addr>().ok()?.to_bits(), 128),
        };
        let prefix: u32 = prefix.parse().ok().filter(|p| *p <= bits)?;
        Some(Self { address: address & !ones(bits - prefix), prefix, bits })
    }

    fn show(self, address: u128) -> String {
        match u32::try_from(address & ones(self.bits)) {
            Ok(v4) if self.bits == 32 => Ipv4Addr::from_bits(v4).to_string(),
            _ => match mapped_v4(address) {
                Some(v4) => v4.to_string(),
                None => Ipv6Addr::from_bits(address).to_string(),
            },
        }
    }

    /// An IPv4 address that is written as one of IPv6 shows as what it is, with the prefix that it has there.
    fn text(self) -> String {
        let mapped = self.bits == 128 && mapped_v4(self.address).is_some();
        let prefix = if mapped { self.prefix.saturating_sub(96) } else { self.prefix };
        format!("{}/{prefix}", self.show(self.address))
    }
}

fn mapped_v4(address: u128) -> Option<Ipv4Addr> {
    Ipv6Addr::from_bits(address).to_ipv4_mapped()
}

/// Leading zeros are allowed and mean nothing.
fn parse_v4(s: &str) -> Option<u32> {
    let parts: Vec<&str> = s.split('.').collect();
    if parts.len() != 4 {
        return None;
    }
    parts.iter().try_fold(0u32, |address, part| {
        if part.is_empty() || !part.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let n: u32 = part.parse().ok().filter(|n| *n <= 255)?;
        Some(address << 8 | n)
    })
}

fn network(args: &[Value]) -> Result<Network, FunctionError> {
    let source = text(args, 0)?;
    Network::parse(source).ok_or_else(|| FunctionError::new(format!("invalid CIDR expression: invalid CIDR address: {source}")))
}

fn whole(args: &[Value], i: usize) -> Result<i128, FunctionError> {
    let n = args[i].as_number().filter(|n| n.is_integer()).ok_or_else(|| FunctionError::new("value must be a whole number"))?;
    n.to_string().parse().map_err(|_| FunctionError::new(format!("the number {n} is too large")))
}

fn cidrhost(_: &Context<'_>, args: &[Value]) -> Answer {
    let net = network(args)?;
    let mut host = whole(args, 1)?;
    let last = ones(net.bits - net.prefix);
    if host < 0 {
        // Negative numbers count from the end.
        host = match i128::try_from(last) {
            Ok(last) => host + last + 1,
            Err(_) => return Ok(string(&net.show(net.address | last.wrapping_add_signed(host + 1)))),
        };
    }
    match u128::try_from(host) {
        // In an IPv4 address that is written as one of IPv6, Terraform counts from the 32nd bit on.
        Ok(n) if n <= last && net.bits == 128 && mapped_v4(net.address).is_some() => Ok(string(&net.show(net.address | n << 96))),
        Ok(n) if n <= last => Ok(string(&net.show(net.address | n))),
        _ => Err(FunctionError::new(format!("prefix of {} does not accommodate a host numbered {host}", net.prefix))),
    }
}

fn cidrnetmask(_: &Context<'_>, args: &[Value]) -> Answer {
    let net = network(args)?;
    if net.bits != 32 {
        return Err(FunctionError::new(format!("IPv6 addresses cannot have a netmask: {}", text(args, 0)?)));
    }
    Ok(string(&net.show(!ones(32 - net.prefix))))
}

fn cidrsubnet(_: &Context<'_>, args: &[Value]) -> Answer {
    let net = network(args)?;
    let more = integer(args, 1)?;
    let number = whole(args, 2)?;
    let prefix = i64::from(net.prefix) + more;
    let prefix = u32::try_from(prefix)
        .ok()
        .filter(|p| *p <= net.bits)
        .ok_or_else(|| FunctionError::new(format!("insufficient address space to extend prefix of {} by {more}", net.prefix)))?;
    if u128::try_from(number).is_ok_and(|n| n > ones(prefix.saturating_sub(net.prefix))) {
        return Err(FunctionError::new(format!("prefix extension of {more} does not accommodate a subnet numbered {number}")));
    }
    let shifted = number.cast_unsigned().checked_shl(net.bits - prefix).unwrap_or(0);
    // A negative number is taken for its size once it has been combined, as odd as that is.
    let address = if number < 0 { (net.address | shifted).wrapping_neg() } else { net.address | shifted };
    Ok(string(&Network { address, prefix, bits: net.bits }.text()))
}

fn cidrsubnets(_: &Context<'_>, args: &[Value]) -> Answer {
    let net = network(args).map_err(|e| FunctionError::arg(0, e.message))?;
    let mut previous: Option<Network> = None;
    let mut subnets = Vec::new();
    for i in 1..args.len() {
        let prefix =
            extended_prefix(net, integer(args, i).map_err(|e| FunctionError::arg(i, e.message))?).map_err(|e| FunctionError::arg(i, e))?;
        let size = ones(net.bits - prefix);
        let address = match previous {
            None => Some(net.address),
            // Past the previous one, up to where a network of this size can begin.
            Some(p) => (p.address | ones(p.bits - p.prefix)).checked_add(1).and_then(|a| a.checked_add(size)).map(|a| a & !size),
        };
        let Some(address) = address.filter(|a| a & !ones(net.bits - net.prefix) == net.address) else {
            let after = previous.map(Network::text).unwrap_or_default();
            let message = format!("not enough remaining address space for a subnet with a prefix of {prefix} bits after {after}");
            return Err(FunctionError::arg(i, message));
        };
        let subnet = Network { address, prefix, bits: net.bits };
        subnets.push(subnet.text());
        previous = Some(subnet);
    }
    Ok(strings(subnets))
}

fn extended_prefix(net: Network, more: i64) -> Result<u32, String> {
    if more < 1 {
        return Err("must extend prefix by at least one bit".into());
    }
    if more > 32 {
        return Err("may not extend prefix by more than 32 bits".into());
    }
    let prefix = net.prefix + u32::try_from(more).unwrap_or(0);
    if prefix > net.bits {
        let protocol = if net.bits == 32 { "IPv4" } else { "IPv6" };
        return Err(format!("would extend prefix to {prefix} bits, which is too long for an {protocol} address"));
    }
    Ok(prefix)
}
