use askama::Template;
use jiff::{SignedDuration, Timestamp};
use crate::model::account::*; use crate::model::key::*; use crate::model::scope::*; use crate::model::project::*; use crate::model::user::*; use crate::model::principal::*; use crate::model::page::*; use crate::model::audit::*;
use super::page::*; use super::keys::*; use super::fields::Fields;

fn now() -> Timestamp { "2026-11-24T12:00:00Z".parse().unwrap() }
fn ago(h: i64, m: i64) -> Timestamp { now() - SignedDuration::from_mins(h*60+m) }
fn account(n: &str, id: &str, on: bool) -> AccountRef { AccountRef{ id: AccountId::parse(id).unwrap(), external_id: None, name: AccountName::parse(n).unwrap(), enabled: on } }
fn key(name:&str, id:&str, scopes: ScopeSet, used: Option<(Timestamp,&str)>, enabled: bool, expires: Option<Timestamp>, acc: Option<AccountRef>) -> Key {
  Key { facts: KeyFacts { id: KeyId::parse(id).unwrap(), project: ProjectName::default(), name: KeyName::parse(name).unwrap(), prefix: Prefix::default(), scopes, enabled, account: acc, created_at: ago(82*24, 3), expires_at: expires, metadata: Metadata::default(), allowed_ips: vec![] },
   note: Note::parse("note", "Nightly sync from the HR system.\nAsk Dana before changing it.").unwrap(), created_by: Actor{kind: ActorKind::User, id:"1".into(), name:"admin".into()}, last_used_at: used.map(|u|u.0), last_used_ip: used.map(|u|u.1.to_owned()), last_refused_at: Some(ago(0,12)), last_refused_code: Some(crate::model::code::Code::InsufficientScope),
   secrets: vec![SecretInfo{created_at: ago(2,0), ends_at: None, last_used_at: used.map(|u|u.0)}, SecretInfo{created_at: ago(82*24,0), ends_at: Some(now()+SignedDuration::from_hours(22)), last_used_at: Some(ago(3,0))}], seq: 1 }
}
fn frame(p: Place, role: Role, many: bool) -> Frame {
  let d = ProjectName::default(); let s = ProjectName::parse("staging").unwrap();
  let all = if many { vec![d.clone(), s] } else { vec![d.clone()] };
  Frame::new(p, &d, &all, &UserName::parse("admin").unwrap(), role)
}
fn keys() -> Vec<Key> {
  let c = Catalogue::example(); let p = |n: &str| c.preset(n).unwrap();
  vec![
   key("production-hris-sync","8Qm2LxT0aZr4",p("defaults"),Some((ago(0,2),"203.0.113.7")),true,None,Some(account("Acme GmbH","acc_8Qm2LxT0aZr4",true))),
   key("my-agent-key","4fQz81mPxK2a",p("ai-agent"),Some((ago(0,0),"198.51.100.20")),true,None,None),
   key("staging-import","p0VbN3kY7sWd",p("read-only"),Some((ago(26,0),"203.0.113.9")),true,Some(now()+SignedDuration::from_hours(150)),None),
   key("provisioner","Ua20cKq81LmP",ScopeSet::parse(["keys:read","keys:write","platform:read","platform:write"]).unwrap(),Some((ago(3,0),"10.0.4.12")),true,None,None),
   key("old-laptop","Zt51hGqeR9uC",p("defaults"),Some((ago(24*125,0),"192.0.2.44")),false,None,None),
   key("a-really-long-name-that-somebody-typed-because-sixty-four-is-ok","Zt51hGqeR9uD",p("none"),Some((ago(24*125,0),"2001:db8:1234:5678:9abc:def0:1234:5678")),true,Some(ago(1,0)),Some(account("Acme GmbH","acc_8Qm2LxT0aZr4",true))),
   key("ci-smoke","aa7XoJ2MwE6f",ScopeSet::parse(["actions:execute"]).unwrap(),None,true,None,Some(account("Off Ltd","acc_8Qm2LxT0aZr5",false))),
  ]
}
fn acc(n:&str,id:&str,e:Option<&str>,on:bool,k:u64)->Account{ Account{id:AccountId::parse(id).unwrap(),project:ProjectName::default(),name:AccountName::parse(n).unwrap(),external_id:e.map(|e|ExternalId::parse(e).unwrap()),metadata:Metadata::default(),enabled:on,created_at:ago(24*40,0),n_keys:k,seq:1} }
fn out(name: &str, t: &impl Template) { std::fs::create_dir_all("/tmp/preview").unwrap(); std::fs::write(format!("/tmp/preview/{name}.html"), t.render().unwrap()).unwrap(); }
fn ev(n:i64, action:&str, kind:&str, id:&str, name:&str, who:(ActorKind,&str), at: Timestamp, detail: serde_json::Value)->AuditEvent{ AuditEvent{n,at,project:Some("default".into()),actor:Actor{kind:who.0,id:"1".into(),name:who.1.into()},action:action.into(),target:AuditTarget{kind:kind.into(),id:id.into(),name:name.into()},detail,hash:[0;32]} }
#[test]
fn preview() {
  let c = Catalogue::example(); let ks = keys();
  let accounts = vec![acc("Acme GmbH","acc_8Qm2LxT0aZr4",Some("cust-4711"),true,12), acc("Off Ltd","acc_8Qm2LxT0aZr5",None,false,1), acc("Blue Team","acc_8Qm2LxT0aZr6",Some("team/blue"),true,0)];
  let list = |frame: Frame, items: Vec<Key>, q: &str, total: u64| { let query = query::KeysQuery::parse(q).unwrap(); let page = Page{items, next_cursor: (total>7).then(|| "abc".to_owned())};
    list::KeysPage::new(frame, &list::KeysView{query:&query,page:&page,counts:KeyCounts{total,never_used:u64::from(total>0)},catalogue:&c,accounts:&accounts,now:now()}) };
  out("keys", &list(frame(Place::Keys,Role::Admin,false), ks.clone(), "", 7));
  let mut f = frame(Place::Keys,Role::Admin,true);
  f.toast = Some(Toast{done:"Disabled",name:"old-laptop".into(),then:"It is refused from the next request on.",undo:Some("/x".into()),back:String::new(),dismiss:"/y".into()});
  out("keys-toast", &list(f, ks.clone(), "q=a&status=active&sort=name&cursor=x", 100_000));
  out("keys-viewer", &list(frame(Place::Keys,Role::Viewer,false), ks.clone(), "", 7));
  out("keys-empty", &list(frame(Place::Keys,Role::Admin,false), vec![], "", 0));
  out("keys-nomatch", &list(frame(Place::Keys,Role::Admin,false), vec![], "q=zzz", 7));
  let form = |fields: &str, preset: &str, errors: FieldErrors| create::NewKeyPage::new(frame(Place::Keys,Role::Admin,false), create::NewKeyForm{fields:&Fields::parse(fields.as_bytes()),scopes:&c.preset(preset).unwrap(),catalogue:&c,accounts:&accounts,accounts_fit:true,errors,nonce:"n".into()});
  out("new", &form("", "defaults", FieldErrors::default()));
  out("new-open", &form("name=my-agent-key&step=preset", "ai-agent", FieldErrors::default()));
  out("new-error", &form("name=production-hris-sync&expires=date&expires_on=2026-01-01", "defaults", FieldErrors{name:"The name `production-hris-sync` is taken".into(),expires:"expires at `2026-01-01` is in the past; a key must end later than now".into(),..FieldErrors::default()}));
  let k = &ks[1];
  let shown = token::Shown::new("ks_4fQz81mPxK2a_7mWc0Rk2VtYp4LxQ8sZb1NdHe6JfUgAi3oM9rT".into(), &k.facts.scopes, "http://127.0.0.1:8080");
  out("token", &token::TokenPage::new(frame(Place::Keys,Role::Admin,false), k, &c, Some(shown)));
  out("token-gone", &token::TokenPage::new(frame(Place::Keys,Role::Admin,false), k, &c, None));
  let who=(ActorKind::User,"admin");
  let events = vec![ev(9,"key.rotated","key","4fQz81mPxK2a","my-agent-key",who,ago(2,0),serde_json::json!({"overlap_seconds":86400})), ev(5,"key.scopes_changed","key","4fQz81mPxK2a","my-agent-key",(ActorKind::Operator,"root"),ago(50,0),serde_json::json!({"added":["credentials:read","actions:execute"],"removed":[]})), ev(2,"key.created","key","4fQz81mPxK2a","my-agent-key",(ActorKind::Key,"provisioner"),ago(24*82,0),serde_json::json!({"scopes":["platform:read"]})), ev(1,"user.created","user","1","admin",(ActorKind::Operator,"root"),ago(24*90,0),serde_json::json!({"role":"admin"}))];
  out("key", &show::KeyPage::new(frame(Place::Keys,Role::Admin,false), k, &c, &events[..3], now()));
  out("key-long", &show::KeyPage::new(frame(Place::Keys,Role::Viewer,false), &ks[5], &c, &events[..3], now()));
  out("delete", &ask::AskDelete::new(frame(Place::Keys,Role::Admin,false), k, "/".into(), now()));
  out("disable", &ask::AskDisable::new(frame(Place::Keys,Role::Admin,false), k, "/".into(), String::new(), now()));
  out("rotate", &ask::AskRotate::new(frame(Place::Keys,Role::Admin,false), k, "/".into(), "n".into(), now()));
  let ap = |items| super::accounts::list::AccountsPage::new(frame(Place::Accounts,Role::Admin,false), &super::accounts::list::AccountsQuery::parse("").unwrap(), &Page{items,next_cursor:None}, now());
  out("accounts", &ap(accounts.clone()));
  out("accounts-empty", &ap(vec![]));
  out("account-new", &super::accounts::new::NewAccountPage::new(frame(Place::Accounts,Role::Admin,false), &Fields::default(), FieldErrors::default()));
  out("account-disable", &super::accounts::new::AskDisableAccount::new(frame(Place::Accounts,Role::Admin,false), &accounts[0], String::new()));
  out("audit", &super::audit::AuditPage::new(frame(Place::Audit,Role::Admin,false), &super::audit::AuditQuery::parse("").unwrap(), &Page{items:events,next_cursor:Some("x".into())}, &[ProjectName::default()], now()));
  out("sign-in", &super::sign_in::SignInPage{is_plain_http:true,message:"",error:"Name or password is wrong".into(),next:"/".into(),user:"admin".into()});
  out("setup", &super::setup::SetupPage{action:"/setup/x".into(),is_plain_http:false,user:String::new(),errors:FieldErrors::default()});
  out("error", &super::error::ErrorPage::new("There is no such thing","key `abc` does not exist in project `default`".into(),"01JD8ZC1N2"));
  std::fs::write("/tmp/preview/all.css", std::fs::read_to_string("static/vendor/oat.min.css").unwrap() + &std::fs::read_to_string("static/app.css").unwrap()).unwrap();
  std::fs::copy("static/app.js","/tmp/preview/app.js").unwrap(); std::fs::copy("static/icon.svg","/tmp/preview/icon.svg").unwrap();
}
