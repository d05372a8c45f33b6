//! The files keep the standards they claim.

use mizan_domain::text::Language;
use mizan_report::{Attachment, Renderer, reading};
use page_validation::{ValidationOptions, ValidationProfile, validate_pdf_bytes};

use crate::{every_pdf, sample};

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

#[test]
fn a_card_with_a_file_inside_is_pdf_a_3a_and_gives_it_back() {
    let bytes = br#"{"centre":"C-001"}"#.to_vec();
    let attachment = Attachment {
        name: "scorecard.json",
        media_type: "application/json",
        description: "بطاقة الأداء (موقعة)".to_owned(),
        bytes: bytes.clone(),
    };
    let mut renderer = Renderer::new().unwrap();
    for language in [Language::Arabic, Language::English] {
        let card = sample::full();
        let files = std::slice::from_ref(&attachment);
        let pdf = renderer.render_with(&card, language, files).unwrap();
        for profile in [ValidationProfile::PdfUa1, ValidationProfile::PdfA3a] {
            let options = ValidationOptions::default().profile(profile);
            let report = validate_pdf_bytes(&pdf, &options).unwrap();
            let failures: Vec<String> = report.failures.iter().map(ToString::to_string).collect();
            assert!(report.is_compliant, "{language}: {}", failures.join("\n"));
        }
        let opened = reading::open(&pdf).unwrap();
        assert_eq!(opened.language, Some(language));
        assert_eq!(opened.files, [("scorecard.json".to_owned(), bytes.clone())]);
        let without = renderer.render(&card, language).unwrap();
        assert_eq!(reading::open(&without).unwrap().files, []);
    }
    assert!(reading::open(b"no PDF").is_err());
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
