//! Builds anew when the screens that a release carries were built anew.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let embeds = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    if embeds {
        println!("cargo::rerun-if-changed=../../ui/dist");
    }
}
