//! Input that is refused before anything is sent: the field, the rule, and no request.

use cellere_portal::kyc_core::{BaseUrl, Cnpj, Cpf, Delivery, Error, ErrorKind, Media, MediaFormat};
use cellere_portal::{
    Client, Config, Credentials, DocumentRequest, DocumentType, Endpoint, Endpoints, FaceMatchRequest,
    MeterRequest, MeterService,
};
use serde_json::{Value, json};

use crate::requests::vendor;
use crate::support::{LINK, builder, client, cnpj, cpf, image, media, of_format};
use test_support::requests::received;

const FORMATS: [MediaFormat; 8] = [
    MediaFormat::Jpeg,
    MediaFormat::Png,
    MediaFormat::Gif,
    MediaFormat::Bmp,
    MediaFormat::Webp,
    MediaFormat::Heic,
    MediaFormat::Pdf,
    MediaFormat::Unknown,
];

/// Asserts a refusal because of a value.
fn assert_refused(error: &Error, operation: &str, field: &str, rule: &str) {
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::InvalidInput, Delivery::NotSent), "{error}");
    assert_eq!((error.attempts(), error.operation()), (0, Some(operation)));
    let [violation] = error.violations() else { panic!("{error:?}") };
    assert_eq!((violation.field.as_str(), violation.message.as_str()), (field, rule));
    let line = format!("cellere-portal {operation}: {field}: {rule}; nothing was sent; correct the value");
    assert_eq!(error.to_string(), line);
    assert!(!error.may_have_landed() && !error.is_transient());
}

/// Calls each operation that takes an image: its name, the field and the error.
async fn with_image(client: &Client, image: &Media) -> Vec<(&'static str, &'static str, Option<Error>)> {
    let good = crate::support::image();
    let document = DocumentRequest::new(DocumentType::Rg, image.clone());
    let file = MeterRequest::file(MeterService::Water, image.clone());
    let base64 = MeterRequest::base64(MeterService::Water, image.clone());
    let first = FaceMatchRequest::new(image.clone(), good.clone());
    let second = FaceMatchRequest::new(good, image.clone());
    let found = vec![
        ("document", "image", client.document(&document).await.err()),
        ("meter", "image", client.meter(&file).await.err()),
        ("meter", "image", client.meter(&base64).await.err()),
        ("facematch", "image1", client.facematch(&first).await.err()),
        ("facematch", "image2", client.facematch(&second).await.err()),
    ];
    // `check` gives the same result without sending.
    let checks = [document.check(), file.check(), base64.check(), first.check(), second.check()];
    for ((_, _, sent), checked) in found.iter().zip(checks) {
        assert_eq!(sent.as_ref().map(ToString::to_string), checked.err().map(|error| error.to_string()));
    }
    found
}

/// Each service accepts other formats, determined by content.
#[tokio::test]
async fn formats_are_checked_by_content() {
    let server = vendor().await;
    let client = client(&server.uri());
    let mut sent = 0;
    for format in FORMATS {
        let by_content = match format {
            MediaFormat::Unknown => "not a known image format".to_owned(),
            known => format!("{} by its content", known.name()),
        };
        for (operation, field, error) in with_image(&client, &of_format(format)).await {
            use MediaFormat::{Bmp, Gif, Heic, Jpeg, Pdf, Png, Unknown};
            let (accepted, names) = match operation {
                "meter" => (matches!(format, Jpeg | Png | Gif | Heic), "JPEG or PNG or GIF or HEIC"),
                "facematch" => (matches!(format, Jpeg | Png | Bmp | Pdf), "JPEG or PNG or BMP or PDF"),
                _ => (format != Unknown, "JPEG or PNG or GIF or BMP or WebP or HEIC or PDF"),
            };
            match error {
                None => assert!(accepted, "{operation} {format:?}"),
                Some(error) => {
                    assert!(!accepted, "{operation} {format:?}");
                    let rule = format!("must be {names}, but is {by_content}");
                    assert_refused(&error, operation, field, &rule);
                }
            }
            sent += usize::from(accepted);
        }
    }
    assert_eq!(received(&server).await.len(), sent, "what was refused was not sent");
}

/// A truncated file is refused by every operation.
#[tokio::test]
async fn truncated_images_are_refused() {
    let server = vendor().await;
    let client = client(&server.uri());
    // The last chunk of a PNG has 12 bytes.
    let cuts: [(MediaFormat, &str, &[usize]); 2] =
        [(MediaFormat::Jpeg, "JPEG", &[1, 2]), (MediaFormat::Png, "PNG", &[1, 4, 12])];
    for (format, name, cuts) in cuts {
        let whole = of_format(format);
        for cut in cuts {
            let half = media(&whole.bytes()[..whole.len() - cut]);
            for (operation, field, error) in with_image(&client, &half).await {
                let rule = format!("is a truncated {name}: its end marker is missing");
                assert_refused(&error.unwrap(), operation, field, &rule);
            }
        }
    }
    assert_eq!(received(&server).await.len(), 0);
}

#[tokio::test]
async fn only_absolute_urls_are_links() {
    const RULE: &str = "must be an absolute URL with http:// or https://";
    let server = vendor().await;
    let client = client(&server.uri());
    for link in [
        "",
        " ",
        "meter.jpg",
        "/a/meter.jpg",
        "//example.com/meter.jpg",
        "example.com/meter.jpg",
        "ftp://example.com/meter.jpg",
        "file:///etc/passwd",
        "data:image/png;base64,iVBORw0KGgo=",
        "https://",
        "https:///meter.jpg",
        "https:example.com",
        "https://exa mple.com/meter.jpg",
        "https://example.com/a b.jpg",
        " https://example.com/meter.jpg",
        "https://example.com/meter.jpg\n",
        "https://example.com/\r\nX-Header: 1",
    ] {
        let request = MeterRequest::link(MeterService::Gas, link);
        assert_refused(&request.check().unwrap_err(), "meter", "link", RULE);
        assert_refused(&client.meter(&request).await.unwrap_err(), "meter", "link", RULE);
    }
    assert_eq!(received(&server).await.len(), 0);
    for link in [LINK, "http://10.0.0.1:8080/a", "HTTPS://EXAMPLE.COM", "https://example.com/a.jpg?x=1&y=%20"]
    {
        client.meter(&MeterRequest::link(MeterService::Gas, link)).await.unwrap();
        let sent = received(&server).await;
        let body: Value = serde_json::from_slice(&sent.last().unwrap().body).unwrap();
        assert_eq!(body["link"], link, "as it was given");
    }
}

#[tokio::test]
async fn only_numbers_are_readings() {
    const RULE: &str = "must be digits with at most one comma or point";
    let server = vendor().await;
    let client = client(&server.uri());
    let rows = [
        ("", "must not be empty"),
        ("123456789012345678901", "must have at most 20 characters, but has 21"),
        (",", RULE),
        (".", RULE),
        ("1.234,5", RULE),
        ("1,2,3", RULE),
        ("-1", RULE),
        ("+1", RULE),
        ("12 345", RULE),
        (" 12345", RULE),
        ("12345\n", RULE),
        ("1e5", RULE),
        ("0x10", RULE),
        ("12345 kWh", RULE),
        ("١٢٣", RULE),
    ];
    for (reading, rule) in rows {
        for request in [
            MeterRequest::file(MeterService::Energy, image()),
            MeterRequest::base64(MeterService::Energy, image()),
            MeterRequest::link(MeterService::Energy, LINK),
        ] {
            let error = client.meter(&request.with_reading(reading)).await.unwrap_err();
            assert_refused(&error, "meter", "reading", rule);
        }
    }
    assert_eq!(received(&server).await.len(), 0);
    for reading in ["0", "000", "12345678901234567890", "123,4", "123.4", ",5", "5."] {
        let request = MeterRequest::link(MeterService::Energy, LINK).with_reading(reading);
        client.meter(&request).await.unwrap();
        let sent = received(&server).await;
        let body: Value = serde_json::from_slice(&sent.last().unwrap().body).unwrap();
        assert_eq!(body["reading"], reading, "as it was given");
    }
}

/// A kind of meter or document that is not valid in a path is refused.
#[tokio::test]
async fn values_that_are_not_valid_in_a_path() {
    const DOCUMENT: &str = "must be 1 to 64 letters, digits, dashes, dots or underscores";
    const SERVICE: &str = "must be letters, digits, dashes, dots or underscores";
    let server = vendor().await;
    let in_path = |endpoints: &mut Endpoints| endpoints.meter = "/leitura/{service}".into();
    let clients = [client(&server.uri()), builder(&server.uri()).endpoints(in_path).build().unwrap()];
    let long = "x".repeat(65);
    for word in [
        "",
        " ",
        ".",
        "..",
        "../facematch",
        "a/b",
        "a\\b",
        "a?b",
        "a#b",
        "a%2Fb",
        "a b",
        "a\r\nb",
        "a\0b",
        "-a",
        "_a",
        "ção",
        "{document}",
        &long,
    ] {
        for client in &clients {
            let request = DocumentRequest::new(DocumentType::from(word), image());
            assert_refused(&client.document(&request).await.unwrap_err(), "document", "document", DOCUMENT);
            let request = MeterRequest::base64(MeterService::from(word), image());
            assert_refused(&client.meter(&request).await.unwrap_err(), "meter", "service", SERVICE);
        }
    }
    // A configured segment is validated, too.
    let astray = builder(&server.uri())
        .endpoints(|endpoints| drop(endpoints.document_segments.insert("rg".into(), "../facematch".into())))
        .build()
        .unwrap();
    let request = DocumentRequest::new(DocumentType::Rg, image());
    assert_refused(&astray.document(&request).await.unwrap_err(), "document", "document", DOCUMENT);
    assert_eq!(received(&server).await.len(), 0);
    // An unknown value that is valid in a path is sent.
    for word in ["esgoto", "contrato-social-v3", "a.b_c-1", "x".repeat(64).as_str()] {
        for client in &clients {
            client.document(&DocumentRequest::new(word.into(), image())).await.unwrap();
            client.meter(&MeterRequest::base64(word.into(), image())).await.unwrap();
        }
    }
    assert_eq!(received(&server).await.len(), 16);
}

#[test]
fn invalid_values_cannot_be_constructed() {
    assert_eq!(Cpf::parse("52998224726").unwrap_err().to_string(), "CPF: check digits do not match");
    assert_eq!(Cnpj::parse("11222333000182").unwrap_err().to_string(), "CNPJ: check digits do not match");
    assert_eq!(Cnpj::parse("12ABC34501DE36").unwrap_err().to_string(), "CNPJ: check digits do not match");
    assert_eq!(Media::new("").unwrap_err().to_string(), "must not be empty");
}

fn assert_config(built: Result<Client, Error>, what: &str) {
    let error = built.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Config, Delivery::NotSent), "{error}");
    let line = format!("cellere-portal: {what}; nothing was sent; correct the configuration");
    assert_eq!(error.to_string(), line);
    assert!(!format!("{error} {error:?}").contains("s3cret"));
}

#[test]
fn a_token_that_is_not_a_valid_header_value() {
    let with = |token: &str| {
        Client::builder(Credentials::new(token.to_owned())).base_url("https://example.com").build()
    };
    for empty in ["", " ", "\n", "Bearer", "Bearer ", " bearer\t\n"] {
        assert_config(with(empty), "token must not be empty");
    }
    for odd in ["s3cret\ns3cret", "s3cret\r\nX: y", "s3cret\0", "Bearer s3cret\u{7f}"] {
        assert_config(with(odd), "token must be a valid header value");
    }
}

/// The token is sent to the joined URL, so no path may change its host.
#[test]
fn paths_without_a_slash() {
    const RULE: &str = "must be a path that begins with /";
    type Change = fn(&mut Endpoints, &str);
    let changes: [(&str, Change); 6] = [
        ("document", |endpoints, path| endpoints.document = path.into()),
        ("cpf", |endpoints, path| endpoints.cpf = Endpoint::get(path)),
        ("cnpj", |endpoints, path| endpoints.cnpj = Endpoint::post(path)),
        ("meter", |endpoints, path| endpoints.meter = path.into()),
        ("facematch", |endpoints, path| endpoints.facematch = path.into()),
        ("balance", |endpoints, path| endpoints.balance = path.into()),
    ];
    for (key, change) in changes {
        for path in ["", "x", "@evil.example/x", ".evil.example/x", ":8080/x", "https://evil.example/x"] {
            let built = builder("https://example.com").endpoints(|endpoints| change(endpoints, path)).build();
            assert_config(built, &format!("endpoints.{key}: {RULE}"));
        }
        let built = builder("https://example.com").endpoints(|endpoints| change(endpoints, "/a b")).build();
        assert_config(built, &format!("endpoints.{key}: must be a path that a URL can hold"));
    }
}

/// A configured path with a query or a fragment never drops the number from a call that costs credits.
#[tokio::test]
async fn paths_with_a_query_or_a_fragment() {
    for path in ["/x?databases=basic", "/x?", "/x#y", "/x?y=1#z"] {
        let server = vendor().await;
        let by_get = |endpoints: &mut Endpoints| {
            endpoints.cpf = Endpoint::get(path);
            endpoints.cnpj = Endpoint::get(path);
        };
        let client = match builder(&server.uri()).endpoints(by_get).build() {
            Ok(client) => client,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Config, "{path}");
                continue;
            }
        };
        client.cpf(&cpf()).await.unwrap();
        client.cnpj(&cnpj()).await.unwrap();
        let wanted = [("cpf", cpf().digits().to_owned()), ("cnpj", cnpj().as_str().to_owned())];
        for ((key, value), request) in wanted.into_iter().zip(received(&server).await) {
            let pairs: Vec<_> = request.url.query_pairs().into_owned().collect();
            assert!(pairs.contains(&(key.to_owned(), value)), "{path}: {pairs:?}");
        }
    }
}

#[test]
fn a_least_confiability_out_of_range() {
    for least in [-0.01, 1.01, 80.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let built = builder("https://example.com").least_confiability(least).build();
        assert_config(built, "least_confiability must be from 0 to 1");
        let mut config = Config::new("s3cret".to_owned());
        config.least_confiability = Some(least);
        assert_config(Client::builder_from(&config).build(), "least_confiability must be from 0 to 1");
    }
    for least in [0.0, 0.8, 1.0] {
        builder("https://example.com").least_confiability(least).build().unwrap();
    }
}

#[test]
fn an_address_must_be_safe() {
    for address in ["http://example.com", "nonsense", "https://user:pass@example.com", "https://a?b", ""] {
        let error = builder(address).build().unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Config, Delivery::NotSent), "{address}");
        assert!(error.to_string().starts_with("cellere-portal: base_url: "), "{error}");
        assert!(!error.to_string().contains("pass"));
        let mut config = Config::new("s3cret".to_owned());
        config.base_url = Some(address.to_owned());
        assert_eq!(Client::builder_from(&config).build().unwrap_err().to_string(), error.to_string());
    }
    // Allowed explicitly, for a closed test network.
    let closed = BaseUrl::parse_insecure("http://sandbox.internal").unwrap();
    builder("nonsense").address(closed).build().unwrap();
}

/// A misspelt key of a configuration is an error: otherwise the default path would be called, and cost credits.
#[test]
fn unknown_configuration_keys_are_refused() {
    for config in [
        json!({ "token": "t", "endpoint": {} }),
        json!({ "token": "t", "endpoints": { "metre": "/x" } }),
        json!({ "token": "t", "endpoints": { "meter_names": { "kind": "x" } } }),
        json!({ "token": "t", "endpoints": { "meter_form": "xml" } }),
        json!({ "token": "t", "endpoints": { "cpf": "PUT /x" } }),
        json!({ "token": "t", "endpoints": { "facematch_names": ["a"] } }),
        json!({}),
    ] {
        assert!(serde_json::from_value::<Config>(config.clone()).is_err(), "{config}");
    }
    for text in ["PUT /x", "get /x", "GETS /x"] {
        assert_eq!(Endpoint::parse(text).unwrap_err().to_string(), "must be GET or POST and a path");
    }
    for (text, endpoint) in
        [("/x", Endpoint::post("/x")), ("POST /x", Endpoint::post("/x")), (" GET  /x ", Endpoint::get("/x"))]
    {
        assert_eq!(Endpoint::parse(text).unwrap(), endpoint);
    }
}

/// A field name that is not valid in a multipart header, or a value that is not valid in a path, is refused.
#[test]
fn invalid_field_names_are_refused() {
    for name in ["", "a\"b", "a\r\nX: y", "ç"] {
        let refused = |change: fn(&mut Endpoints, &str)| {
            let builder = builder("http://127.0.0.1:1").endpoints(|endpoints| change(endpoints, name));
            builder.build().unwrap_err()
        };
        for error in [
            refused(|endpoints, name| endpoints.meter_names.service = name.into()),
            refused(|endpoints, name| endpoints.meter_names.reading = name.into()),
            refused(|endpoints, name| endpoints.facematch_names = Some(["a".into(), name.into()])),
            refused(|endpoints, name| endpoints.meter_names.water = name.into()),
        ] {
            assert_eq!((error.kind(), error.delivery()), (ErrorKind::Config, Delivery::NotSent), "{error}");
            assert!(error.to_string().contains("endpoints"), "{error}");
        }
    }
}
