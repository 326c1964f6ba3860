"""The dashboard: in ten seconds what is wrong, why, and which button mends it; then how the site does, in numbers.

`scope` says what somebody may see, and everything else starts from it. `trouble` lists what needs somebody, `numbers`
reads what ended (from the hours that `models.hours` summed up), `freshness` how old tabs are, `quota` how busy accounts
are. `charts` draws. `page` puts it together, and the template tags of `sheetsync_dashboard` show it.
"""
