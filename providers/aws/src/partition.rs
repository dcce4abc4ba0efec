//! Which partition a region belongs to.

/// A part of AWS with accounts, names and a domain of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partition {
    /// As in ARNs: `aws`.
    pub id: &'static str,
    /// Domain of its services: `amazonaws.com`.
    pub dns_suffix: &'static str,
    /// Prefix of service names in reverse notation: `com.amazonaws`.
    pub reverse_dns_prefix: &'static str,
}

const COMMERCIAL: Partition = Partition { id: "aws", dns_suffix: "amazonaws.com", reverse_dns_prefix: "com.amazonaws" };

/// By the beginning of the region's name; longer beginnings stand before shorter ones.
const BY_PREFIX: [(&str, Partition); 7] = [
    ("cn-", Partition { id: "aws-cn", dns_suffix: "amazonaws.com.cn", reverse_dns_prefix: "cn.com.amazonaws" }),
    ("us-gov-", Partition { id: "aws-us-gov", dns_suffix: "amazonaws.com", reverse_dns_prefix: "com.amazonaws" }),
    ("us-isob-", Partition { id: "aws-iso-b", dns_suffix: "sc2s.sgov.gov", reverse_dns_prefix: "gov.sgov.sc2s" }),
    ("us-isof-", Partition { id: "aws-iso-f", dns_suffix: "csp.hci.ic.gov", reverse_dns_prefix: "gov.ic.hci.csp" }),
    ("us-iso-", Partition { id: "aws-iso", dns_suffix: "c2s.ic.gov", reverse_dns_prefix: "gov.ic.c2s" }),
    ("eu-isoe-", Partition { id: "aws-iso-e", dns_suffix: "cloud.adc-e.uk", reverse_dns_prefix: "uk.adc-e.cloud" }),
    ("eusc-", Partition { id: "aws-eusc", dns_suffix: "amazonaws.eu", reverse_dns_prefix: "eu.amazonaws" }),
];

/// The partition of a region; an unknown one is taken for commercial.
pub fn of(region: &str) -> Partition {
    BY_PREFIX.iter().find(|(prefix, _)| region.starts_with(prefix)).map_or(COMMERCIAL, |(_, partition)| *partition)
}

/// Whether a region's name is formed like one: `eu-central-1`, `us-gov-west-1`.
pub fn is_region_name(name: &str) -> bool {
    let parts: Vec<&str> = name.split('-').collect();
    let Some((number, words)) = parts.split_last() else { return false };
    words.len() >= 2
        && !number.is_empty()
        && number.bytes().all(|b| b.is_ascii_digit())
        && words.iter().all(|w| !w.is_empty() && w.bytes().all(|b| b.is_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_know_their_partition() {
        let cases = [("eu-west-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov"), ("us-isob-east-1", "aws-iso-b")];
        for (region, partition) in cases {
            assert_eq!(of(region).id, partition, "{region}");
        }
    }

    #[test]
    fn misspelled_regions_are_seen() {
        assert!(is_region_name("us-gov-west-1"));
        for bad in ["", "us-east", "us_east_1", "us-east-1a", "US-EAST-1"] {
            assert!(!is_region_name(bad), "{bad}");
        }
    }
}
