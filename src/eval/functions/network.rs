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

    /// Whether it is an IPv4 address that is written as one of IPv6.
    fn is_mapped(self) -> bool {
        self.bits == 128 && mapped_v4(self.address).is_some()
    }

    /// What Terraform takes for the subnet before the first one, where it then refuses the first: the addresses go round at
    /// zero, and there is none where IPv4 is written as IPv6.
    fn before_first(self, prefix: u32) -> Option<String> {
        if self.is_mapped() {
            return Some("<nil>".into());
        }
        let last = Self { address: ones(self.bits) & !ones(self.bits - prefix), prefix, bits: self.bits };
        (self.address == 0).then(|| last.text())
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
        let prefix = if self.is_mapped() { self.prefix.saturating_sub(96) } else { self.prefix };
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

/// A number of a host or subnet: whether it is negative, and how big it is without its sign.
fn whole(args: &[Value], i: usize) -> Result<(bool, u128), FunctionError> {
    let n = args[i].as_number().filter(|n| n.is_integer()).ok_or_else(|| FunctionError::new("value must be a whole number"))?;
    let size = n.abs().to_digits(10).and_then(|digits| digits.parse().ok());
    Ok((n.is_negative(), size.ok_or_else(|| FunctionError::new(format!("the number {n} is too large")))?))
}

fn cidrhost(_: &Context<'_>, args: &[Value]) -> Answer {
    let (negative, mut host) = whole(args, 1)?;
    let net = network(args)?;
    let last = ones(net.bits - net.prefix);
    if negative {
        // Negative numbers count from the end.
        host = last.checked_sub(host - 1).ok_or_else(|| no_such_host(net, &format!("-{}", host - 1 - last)))?;
    }
    if host > last {
        return Err(no_such_host(net, &host.to_string()));
    }
    // In an IPv4 address that is written as one of IPv6, Terraform counts from the 32nd bit on.
    let shift = if net.is_mapped() { 96 } else { 0 };
    Ok(string(&net.show(net.address | host << shift)))
}

fn no_such_host(net: Network, host: &str) -> FunctionError {
    FunctionError::new(format!("prefix of {} does not accommodate a host numbered {host}", net.prefix))
}

fn cidrnetmask(_: &Context<'_>, args: &[Value]) -> Answer {
    let net = network(args)?;
    if net.bits != 32 && !net.is_mapped() {
        return Err(FunctionError::new(format!("IPv6 addresses cannot have a netmask: {}", text(args, 0)?)));
    }
    Ok(string(&net.show(!ones(net.bits - net.prefix))))
}

fn cidrsubnet(_: &Context<'_>, args: &[Value]) -> Answer {
    let more = integer(args, 1)?;
    let (negative, number) = whole(args, 2)?;
    let net = network(args)?;
    let prefix = i64::from(net.prefix) + more;
    let prefix = u32::try_from(prefix)
        .ok()
        .filter(|p| *p <= net.bits)
        .ok_or_else(|| FunctionError::new(format!("insufficient address space to extend prefix of {} by {more}", net.prefix)))?;
    let sign = if negative { "-" } else { "" };
    if number > ones(prefix.saturating_sub(net.prefix)) {
        return Err(FunctionError::new(format!("prefix extension of {more} does not accommodate a subnet numbered {sign}{number}")));
    }
    let shifted = number.checked_shl(net.bits - prefix).unwrap_or(0);
    // A negative number is taken for its size once it has been combined, as odd as that is.
    let address = if negative { (net.address | shifted.wrapping_neg()).wrapping_neg() } else { net.address | shifted };
    Ok(string(&Network { address, prefix, bits: net.bits }.text()))
}

fn cidrsubnets(_: &Context<'_>, args: &[Value]) -> Answer {
    let net = network(args).map_err(|e| FunctionError::arg(0, e.message))?;
    let mut previous: Option<Network> = None;
    let mut subnets = Vec::new();
    for i in 1..args.len() {
        let prefix =
            extended_prefix(net, integer(args, i).map_err(|e| FunctionError::arg(i, e.message))?).map_err(|e| FunctionError::arg(i, e))?;
        let too_small = |after: &str| {
            let message = format!("not enough remaining address space for a subnet with a prefix of {prefix} bits after {after}");
            FunctionError::arg(i, message)
        };
        if let Some(after) = net.before_first(prefix).filter(|_| previous.is_none()) {
            return Err(too_small(&after));
        }
        let size = ones(net.bits - prefix);
        let address = match previous {
            None => Some(net.address),
            // Past the previous one, up to where a network of this size can begin.
            Some(p) => (p.address | ones(p.bits - p.prefix)).checked_add(1).and_then(|a| a.checked_add(size)).map(|a| a & !size),
        };
        let Some(address) = address.filter(|a| a & !ones(net.bits - net.prefix) == net.address) else {
            return Err(too_small(&previous.map(Network::text).unwrap_or_default()));
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
