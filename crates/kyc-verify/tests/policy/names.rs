//! Pairs of names.

use kyc_verify::NameMatch::{self, Different, Near, Same, Unread};
use kyc_verify::compare_names;

const PAIRS: &[(&str, &str, NameMatch)] = &[
    // Case, accents, blanks, particles.
    ("MARIA APARECIDA", "maria aparecida", Same),
    ("José da Conceição", "JOSE DA CONCEICAO", Same),
    ("José da Conceição", "JOSE CONCEICAO", Same),
    ("ÂNGELA MÜLLER", "Angela Muller", Same),
    ("JOÃO DOS SANTOS", "Joao Santos", Same),
    ("Jose\u{301} Silva", "José Silva", Same),
    ("MARIA DAS GRAÇAS", "Maria Graças", Same),
    ("Pedro de Alcântara", "PEDRO ALCANTARA", Same),
    ("Ana do Carmo", "ANA CARMO", Same),
    ("Souza e Silva Ana", "SOUZA SILVA ANA", Same),
    ("  MARIA   SILVA ", "Maria Silva", Same),
    ("MARIA\u{a0}SILVA", "Maria Silva", Same),
    ("MARIA\tSILVA", "Maria Silva", Same),
    ("Joana D'Ávila", "JOANA DAVILA", Same),
    ("Joana D’Ávila", "JOANA D'AVILA", Same),
    ("Ana-Maria Braga", "Ana Maria Braga", Same),
    ("ＭＡＲＩＡ ＳＩＬＶＡ", "Maria Silva", Same),
    ("MARIA", "Maria", Same),
    ("ÇÃÉ ÍÓÚ", "cae iou", Same),
    ("Łukasz Nowak", "ŁUKASZ NOWAK", Same),
    ("MARIA A. SILVA", "Maria A Silva", Same),
    // Abbreviated.
    ("MARIA A. SILVA", "MARIA APARECIDA SILVA", Near),
    ("M. A. S.", "MARIA APARECIDA SILVA", Near),
    ("MARIA AP SILVA", "MARIA APARECIDA SILVA", Near),
    ("MARIA E. SILVA", "MARIA SILVA", Near),
    ("MARIA E SILVA", "MARIA EDUARDA SILVA", Near),
    ("MARIA E. SILVA", "MARIA EDUARDA SILVA", Near),
    ("JOSÉ SILVA JR", "JOSÉ SILVA JUNIOR", Near),
    // With names missing, or cut off.
    ("MARIA APARECIDA", "MARIA APARECIDA DA SILVA", Near),
    ("MARIA SILVA", "MARIA APARECIDA DA SILVA", Near),
    ("MARIA", "MARIA APARECIDA DA SILVA", Near),
    ("APARECIDA SILVA", "MARIA APARECIDA DA SILVA", Near),
    ("MARIA APARECIDA DA", "MARIA APARECIDA", Near),
    ("DOS SANTOS", "SANTOS", Near),
    ("JOSÉ SILVA", "JOSÉ SILVA FILHO", Near),
    ("JOSÉ SILVA NETO", "JOSÉ SILVA FILHO", Near),
    // One name differs.
    ("MARIA SOUZA LIMA", "MARIA SOUZA COSTA", Near),
    ("MARIA SILVA", "MARIA SOUZA", Near),
    ("JOÃO SOUZA LIMA", "JOANA SOUZA LIMA", Near),
    ("MARIA APARECIDA SILVA", "MARIA APARECIDA SILVA COSTA", Near),
    // Misread.
    ("LUIZ SOUZA", "LUIS SOUSA", Near),
    ("MARIA SLIVA", "MARIA SILVA", Near),
    ("TEREZA MENDES PRADO", "TERESA MENDEZ PARDO", Near),
    ("MARIA SILVAA", "MARIA SILVA", Near),
    // Other blanks, other order.
    ("MARIAAPARECIDA SILVA", "MARIA APARECIDA SILVA", Near),
    ("JOANA D AVILA", "JOANA D'AVILA", Near),
    ("SILVA MARIA", "MARIA SILVA", Near),
    ("SILVA, MARIA APARECIDA", "MARIA APARECIDA SILVA", Near),
    ("LIMA SOUZA MARIA", "MARIA SOUZA LIMA", Near),
    ("PEDRO JOÃO SILVA", "JOÃO PEDRO SILVA", Near),
    // Another person.
    ("MARIA SILVA", "JOSÉ SOUZA", Different),
    ("JOSÉ DA CONCEIÇÃO", "MARIA SOUZA", Different),
    ("MARIA", "JOSÉ", Different),
    ("JOSÉ", "MARIA SILVA", Different),
    ("MARIA APARECIDA SILVA", "MARIA SOUZA COSTA", Different),
    ("MARIA APARECIDA SILVA", "JOSÉ CARLOS SILVA", Different),
    ("ANA LIMA", "EVA COSTA PRADO", Different),
    ("IVO", "IVA", Different),
    ("МАРИА СИЛВА", "MARIA SILVA", Different),
    // No names.
    ("", "MARIA SILVA", Unread),
    ("   ", "   ", Unread),
    (".", ".", Unread),
    ("DE", "DE", Unread),
    ("MARIA S1LVA", "MARIA SILVA", Unread),
    ("MARIA S***", "MARIA S***", Unread),
    ("MARIA CONCEI\u{fffd}\u{fffd}O", "MARIA CONCEI\u{fffd}\u{fffd}O", Unread),
    ("MARIA\u{200b}SILVA", "MARIA SILVA", Unread),
    ("MARIA\0SILVA", "MARIA SILVA", Unread),
    ("52998224725", "52998224725", Unread),
    ("NÃO INFORMADO (?)", "MARIA SILVA", Unread),
];

#[test]
fn pairs_of_names_compare_as_written() {
    assert!(PAIRS.len() >= 60);
    for (one, other, wanted) in PAIRS {
        assert_eq!(compare_names(one, other), *wanted, "{one:?} and {other:?}");
        assert_eq!(compare_names(other, one), *wanted, "{other:?} and {one:?}");
    }
}

#[test]
fn a_text_too_long_for_a_name_is_not_read() {
    for long in ["a ".repeat(31), "A".repeat(401), "é ".repeat(1_000_000)] {
        assert_eq!(compare_names(&long, &long), Unread);
    }
    assert_eq!(compare_names(&"a ".repeat(30), &"a ".repeat(30)), Same);
}

proptest::proptest! {
    #[test]
    fn any_two_texts_compare_the_same_both_ways(one in "\\PC{0,40}", other in "\\PC{0,40}") {
        proptest::prop_assert_eq!(compare_names(&one, &other), compare_names(&other, &one));
        proptest::prop_assert!(matches!(compare_names(&one, &one), Same | Unread));
    }
}
