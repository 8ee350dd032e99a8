//! The image in `platforms/webhook` is built with the toolchain that everything is tested with.

#[test]
fn the_image_has_the_pinned_toolchain() {
    let pin = include_str!("../../rust-toolchain.toml");
    let version = pin.split('"').nth(1).expect("a channel");
    let image = include_str!("../../platforms/webhook/Containerfile");
    assert!(image.contains(&format!("/rust:{version}-slim")), "{version}");
    assert!(image.contains(&format!("RUSTUP_TOOLCHAIN={version}\n")), "{version}");
}
