//! The files keep the standards they claim.

use page_validation::{ValidationOptions, ValidationProfile, validate_pdf_bytes};

use crate::every_pdf;

fn check(profile: ValidationProfile) {
    for (name, _, bytes) in every_pdf() {
        let options = ValidationOptions::default().profile(profile);
        let report = validate_pdf_bytes(&bytes, &options).unwrap();
        let failures: Vec<String> = report.failures.iter().map(ToString::to_string).collect();
        assert!(report.is_compliant, "{name}: {}", failures.join("\n"));
    }
}

#[test]
fn every_card_is_pdf_ua_1() {
    check(ValidationProfile::PdfUa1);
}

#[test]
fn every_card_is_pdf_a_2a() {
    check(ValidationProfile::PdfA2a);
}

/// Without this the two tests above could pass because the validator sees nothing.
#[test]
fn the_validator_notices_a_missing_language() {
    let (_, _, bytes) = every_pdf().remove(0);
    let mut document = lopdf::Document::load_mem(&bytes).unwrap();
    document.catalog_mut().unwrap().remove(b"Lang");
    let mut broken = Vec::new();
    document.save_to(&mut broken).unwrap();
    let options = ValidationOptions::default().profile(ValidationProfile::PdfUa1);
    let report = validate_pdf_bytes(&broken, &options).unwrap();
    assert!(!report.is_compliant, "a file without /Lang cannot be PDF/UA");
}
