use std::collections::HashSet;

use super::*;

/// Whether brackets outside strings are balanced around one object or array, the best check without a parser.
fn looks_like_json(body: &str) -> bool {
    let mut open = Vec::new();
    let (mut in_string, mut escaped) = (false, false);
    for c in body.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if in_string => escaped = true,
            '"' => in_string = !in_string,
            _ if in_string => {}
            '{' => open.push('}'),
            '[' => open.push(']'),
            '}' | ']' if open.pop() != Some(c) => return false,
            _ => {}
        }
    }
    body.starts_with(['{', '[']) && body.ends_with(['}', ']']) && open.is_empty() && !in_string
}

#[test]
fn the_json_check_detects_invalid_bodies() {
    assert!(looks_like_json("{\"a}\": [\"\\\"{\"]}"));
    for wrong in ["", "1", "{", "{]", "{\"a}", "[1}"] {
        assert!(!looks_like_json(wrong), "{wrong}");
    }
}

#[test]
fn names_are_unique_and_found_again() {
    let mut seen = HashSet::new();
    for fixture in all() {
        assert!(
            seen.insert((fixture.vendor, fixture.name)),
            "{} {} is not unique",
            fixture.vendor,
            fixture.name
        );
        assert_eq!(find(fixture.vendor, fixture.name), Some(fixture));
    }
    assert!(!seen.is_empty());
}

#[test]
fn a_vendor_has_its_own_fixtures_and_no_others() {
    assert!(vendor(clearsale_facematch::LOGIN_200.vendor).eq(clearsale_facematch::ALL.iter().copied()));
    assert_eq!(vendor("nobody").count(), 0);
    assert_eq!(find("clearsale-facematch", "nothing"), None);
}

#[test]
fn payloads_that_no_vendor_prints_are_constructed() {
    let all_constructed =
        |fixtures: &[&Fixture]| fixtures.iter().all(|it| it.provenance == Provenance::Constructed);
    assert!(all_constructed(cellere_portal::ALL), "the vendor prints no payload");
    assert!(!all_constructed(clearsale_facematch::ALL));
}

#[test]
fn bodies_match_their_media_type() {
    for fixture in all() {
        let sound = match fixture.media {
            MediaType::Json => {
                fixture.body.ends_with('\n') && looks_like_json(fixture.body.trim_end_matches('\n'))
            }
            MediaType::Form => fixture.body.lines().all(|line| line.contains('=')),
            MediaType::Empty => fixture.body.is_empty(),
        };
        assert!(sound, "{} {}", fixture.vendor, fixture.name);
    }
}

#[test]
fn responses_and_nothing_else_have_a_status() {
    for fixture in all() {
        assert_eq!(
            fixture.kind == FixtureKind::Response,
            fixture.status.is_some(),
            "{} {}",
            fixture.vendor,
            fixture.name
        );
    }
}

#[test]
fn repairs_are_listed_and_inside_their_block() {
    for fixture in all() {
        let last = fixture.page_line as usize + fixture.printed.lines().count();
        for repair in fixture.repairs {
            let line = repair.line as usize;
            assert!(line > fixture.page_line as usize && line <= last, "{} {}", fixture.vendor, fixture.name);
        }
        match fixture.provenance {
            Provenance::Printed => assert_eq!(fixture.repairs, []),
            Provenance::Repaired => assert_ne!(fixture.repairs, []),
            Provenance::Constructed => {}
        }
    }
}
