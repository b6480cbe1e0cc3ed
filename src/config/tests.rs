//! Each setting from each place, and what is no setting.

use super::*;

fn around(variables: &[(&str, &str)], dir: &Path) -> Surroundings {
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Surroundings { variables, data_dir: Some(dir.join("data")), config_dir: Some(dir.join("config")) }
}

fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// Each setting's name, three values in their order of precedence, and how to read it back.
#[expect(clippy::type_complexity, reason = "a table reads best as one")]
const TABLE: [(&str, [&str; 3], fn(&Config) -> (String, &Origin)); 7] = [
    ("project", ["flag", "env", "file"], |c| (c.project.value.to_string(), &c.project.origin)),
    ("listen", ["127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3"], |c| {
        (c.listen.value.0.to_string(), &c.listen.origin)
    }),
    ("base-url", ["http://a", "http://b", "http://c"], |c| {
        (c.base_url.value.clone().unwrap(), &c.base_url.origin)
    }),
    ("trusted-proxy", ["10.0.0.1/32", "10.0.0.2/32", "10.0.0.3/32"], |c| {
        (c.trusted_proxy.value[0].to_string(), &c.trusted_proxy.origin)
    }),
    ("workers", ["1", "2", "3"], |c| (c.workers.value.to_string(), &c.workers.origin)),
    ("log-format", ["json", "text", "json"], |c| {
        (c.log_format.value.as_str().to_owned(), &c.log_format.origin)
    }),
    ("log-level", ["trace", "debug", "warn"], |c| {
        (c.log_level.value.as_str().to_owned(), &c.log_level.origin)
    }),
];

fn options(name: &str, value: &str) -> Options {
    let value = if name == "trusted-proxy" {
        format!("[\"{value}\"]")
    } else if name == "workers" {
        value.to_owned()
    } else {
        format!("\"{value}\"")
    };
    toml::from_str(&format!("{name} = {value}")).unwrap()
}

#[test]
fn a_flag_beats_the_environment_which_beats_the_file_which_beats_the_default() {
    for (name, [flag, env, file], read) in TABLE {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("data/keysrv.toml");
        let variable = variable_name(name);
        let with_env = around(&[(&variable, env)], dir.path());
        let without = around(&[], dir.path());
        let load = |flags: &Options, around: &Surroundings| Config::load(flags, None, around).unwrap();

        assert_eq!(*read_origin(&load(&Options::default(), &without), name), Origin::Default, "{name}");
        let line = if name == "workers" {
            format!("{name} = {file}")
        } else if name == "trusted-proxy" {
            format!("{name} = [\"{file}\"]")
        } else {
            format!("{name} = \"{file}\"")
        };
        write(&path, &line);
        let in_file = load(&Options::default(), &without);
        assert_eq!(read(&in_file), (file.to_owned(), &Origin::File(path.clone())));
        let in_env = load(&Options::default(), &with_env);
        assert_eq!(read(&in_env), (env.to_owned(), &Origin::Environment(variable.clone())));
        let in_flag = load(&options(name, flag), &with_env);
        assert_eq!(read(&in_flag), (flag.to_owned(), &Origin::Flag));
    }
}

fn read_origin<'a>(config: &'a Config, name: &str) -> &'a Origin {
    match name {
        "base-url" => &config.base_url.origin,
        _ => TABLE.iter().find(|(found, ..)| *found == name).map(|(_, _, read)| read(config).1).unwrap(),
    }
}

#[test]
fn the_file_of_the_data_directory_beats_the_platforms_and_a_named_one_beats_both() {
    let dir = tempfile::tempdir().unwrap();
    let around = around(&[], dir.path());
    let project = |named: Option<&Path>| {
        Config::load(&Options::default(), named, &around).unwrap().project.value.to_string()
    };
    write(&dir.path().join("config/keysrv.toml"), "project = \"platform\"");
    assert_eq!(project(None), "platform");
    write(&dir.path().join("data/keysrv.toml"), "project = \"beside\"");
    assert_eq!(project(None), "beside");
    let named = dir.path().join("named.toml");
    write(&named, "project = \"named\"");
    assert_eq!(project(Some(&named)), "named");
}

#[test]
fn what_is_no_setting_is_named_with_the_nearest_one() {
    let dir = tempfile::tempdir().unwrap();
    let refuse = |around: &Surroundings| Config::load(&Options::default(), None, around).unwrap_err();
    let error = refuse(&around(&[("KEYSRV_LISTN", "x")], dir.path()));
    assert_eq!(error.message, "the environment variable `KEYSRV_LISTN` is no setting");
    assert_eq!(error.hint.as_deref(), Some("did you mean `KEYSRV_LISTEN`?"));
    write(&dir.path().join("data/keysrv.toml"), "base_url = \"http://x\"");
    let error = refuse(&around(&[], dir.path()));
    assert!(error.message.starts_with("`base_url` in `"), "{error}");
    assert_eq!(error.hint.as_deref(), Some("did you mean `base-url`?"));
}

#[test]
fn what_a_container_platform_makes_up_is_passed_over() {
    let dir = tempfile::tempdir().unwrap();
    let made_up = [("KEYSRV_SERVICE_HOST", "x"), ("KEYSRV_PORT", "tcp://x"), ("KEYSRV_PORT_8080_TCP", "x")];
    Config::load(&Options::default(), None, &around(&made_up, dir.path())).unwrap();
}

#[test]
fn a_value_that_breaks_its_rule_is_named_with_where_it_came_from() {
    let dir = tempfile::tempdir().unwrap();
    for (variable, value) in [
        ("KEYSRV_LISTEN", "8080"),
        ("KEYSRV_BASE_URL", "keys.example.com/path"),
        ("KEYSRV_TRUSTED_PROXY", "10.0.0.0/8,nonsense"),
        ("KEYSRV_WORKERS", "0"),
        ("KEYSRV_LOG_FORMAT", "xml"),
        ("KEYSRV_LOG_LEVEL", "loud"),
        ("KEYSRV_PROJECT", "Has Spaces"),
    ] {
        let error =
            Config::load(&Options::default(), None, &around(&[(variable, value)], dir.path())).unwrap_err();
        assert!(error.message.ends_with(&format!("(from environment {variable})")), "{error}");
        assert!(error.message.contains(value.rsplit(',').next().unwrap()), "{error}");
    }
}
