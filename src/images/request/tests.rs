use super::*;

fn header(width: u32, height: u32) -> ImageHeader {
    ImageHeader {
        kind: ImageKind::Jpeg,
        width,
        height,
        orientation: 1,
        is_animated: false,
        description: None,
        created: None,
    }
}

fn image(of: (u32, u32), operation: Operation, format: OutputFormat) -> Result<ProcessedImage, String> {
    ProcessedImage::new("content/a.b/cup.of.tea.JPG", Fingerprint(7), &header(of.0, of.1), operation, format)
}

#[test]
fn the_size_of_the_result_is_known_before() {
    let crop = |x, y, width, height| Some(Crop { x, y, width, height });
    for (operation, expected) in [
        (Operation::Scale(150, 150), (None, (150, 150))),
        (Operation::FitWidth(100), (None, (100, 126))),
        (Operation::FitHeight(150), (None, (118, 150))),
        (Operation::Fit(5000, 5000), (None, (300, 380))),
        (Operation::Fit(150, 150), (None, (118, 150))),
        (Operation::Fit(150, 5000), (None, (150, 190))),
        (Operation::Fill(150, 150), (crop(0, 40, 300, 300), (150, 150))),
        (Operation::Fill(100, 380), (crop(100, 0, 100, 380), (100, 380))),
        // Nearly the same proportions.
        (Operation::Fill(150, 195), (None, (150, 195))),
        (Operation::Fill(600, 700), (None, (600, 700))),
    ] {
        assert_eq!(operation.of((300, 380)), expected, "{operation:?}");
    }
    // No side vanishes, whatever the proportions.
    assert_eq!(Operation::FitWidth(10).of((60_000, 1)), (None, (10, 1)));
    assert_eq!(Operation::FitHeight(u32::MAX).of((u32::MAX, 1)), (None, (u32::MAX, u32::MAX)));
    assert_eq!(Operation::Fill(1, 60_000).of((3, 2)), (crop(1, 0, 1, 2), (1, 60_000)));
}

#[test]
fn what_cannot_be_is_refused_before_anything_is_decoded() {
    for (name, width, height, expected) in [
        ("fil", Some(1), Some(1), "there is no operation `fil`; those that there are: scale, fit_width"),
        ("fill", Some(1), None, "the operation `fill` needs a `height`"),
        ("fit_width", None, Some(1), "the operation `fit_width` needs a `width`"),
        ("scale", Some(0), Some(1), "`width` is 0"),
    ] {
        let error = Operation::new(name, width, height).unwrap_err();
        assert!(error.contains(expected), "{error}");
    }
    for (name, quality, speed, expected) in [
        ("jpg", Some(0), None, "the quality of jpg is a number from 1 to 100, and not 0"),
        ("auto", Some(101), None, "the quality of auto is a number from 1 to 100"),
        ("webp", Some(101), None, "the quality of webp is a number from 0 to 100"),
        ("gif", None, None, "there is no image format `gif`; those that there are: auto, jpg, png, webp, avif"),
    ] {
        let error = OutputFormat::new(name, ImageKind::Jpeg, quality, speed).unwrap_err();
        assert!(error.contains(expected), "{error}");
    }
    for (of, operation, format, expected) in [
        ((40_000, 40_000), Operation::FitWidth(5), OutputFormat::Png, "has 40000 × 40000 pixels"),
        ((40, 40), Operation::FitWidth(20_000), OutputFormat::Webp(5), "a side of WEBP has at most 16383"),
        ((40, 40), Operation::FitWidth(u32::MAX), OutputFormat::Png, "a side of PNG has at most 65535"),
        ((40, 40), Operation::FitWidth(60_000), OutputFormat::Png, "120 megapixels at most"),
    ] {
        let error = image(of, operation, format).unwrap_err();
        assert!(error.contains(expected), "{error}");
    }
    let svg = ImageHeader { kind: ImageKind::Svg, ..header(4, 4) };
    let error =
        ProcessedImage::new("a.svg", Fingerprint(7), &svg, Operation::FitWidth(2), OutputFormat::Png).unwrap_err();
    assert!(error.contains("in the format SVG, which cannot be resized"), "{error}");
}

#[test]
fn the_format_follows_from_that_of_the_source() {
    for (kind, expected) in [
        (ImageKind::Jpeg, OutputFormat::Jpeg(75)),
        (ImageKind::Webp, OutputFormat::Jpeg(75)),
        (ImageKind::Gif, OutputFormat::Jpeg(75)),
        (ImageKind::Png, OutputFormat::Png),
        (ImageKind::Bmp, OutputFormat::Png),
    ] {
        assert_eq!(OutputFormat::new("auto", kind, None, None), Ok(expected));
    }
    assert_eq!(OutputFormat::new("webp", ImageKind::Png, None, None), Ok(OutputFormat::WebpLossless));
    assert_eq!(OutputFormat::new("webp", ImageKind::Png, Some(0), None), Ok(OutputFormat::Webp(0)));
}

#[test]
fn a_name_changes_with_content_and_settings() {
    let operation = Operation::FitWidth(10);
    let one = image((40, 40), operation, OutputFormat::Jpeg(75)).unwrap();
    let path = one.path();
    let hash = path.strip_prefix("processed_images/cup.of.tea.").and_then(|rest| rest.strip_suffix(".jpg")).unwrap();
    assert!(hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()), "{path}");
    // The same image under another path is the same.
    assert_eq!(ProcessedImage { source: "static/cup.of.tea.jpg".into(), ..one.clone() }.path(), path);
    for other in [
        ProcessedImage { content: Fingerprint(8), ..one.clone() },
        image((40, 40), Operation::FitWidth(11), OutputFormat::Jpeg(75)).unwrap(),
        image((40, 40), operation, OutputFormat::Jpeg(76)).unwrap(),
        image((40, 40), operation, OutputFormat::Png).unwrap(),
        image((80, 40), Operation::Fill(10, 10), OutputFormat::Jpeg(75)).unwrap(),
    ] {
        assert_ne!(other.path(), path);
    }
}
