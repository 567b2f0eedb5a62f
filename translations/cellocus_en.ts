<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>SequenceEditor</name>
    <message numerus="yes">
        <source>The sequence becomes %n base(s) longer. Replace the selection?</source>
        <translation>
            <numerusform>The sequence becomes %n base longer. Replace the selection?</numerusform>
            <numerusform>The sequence becomes %n bases longer. Replace the selection?</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The sequence becomes %n base(s) shorter. Replace the selection?</source>
        <translation>
            <numerusform>The sequence becomes %n base shorter. Replace the selection?</numerusform>
            <numerusform>The sequence becomes %n bases shorter. Replace the selection?</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cellocus::BedTrackRow</name>
    <message numerus="yes">
        <source>
%n interval(s) in %1</source>
        <translation>
            <numerusform>
%n interval in %1</numerusform>
            <numerusform>
%n intervals in %1</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cellocus::EditRow</name>
    <message numerus="yes">
        <source>
The sequence becomes %n base(s) longer.</source>
        <translation>
            <numerusform>
The sequence becomes %n base longer.</numerusform>
            <numerusform>
The sequence becomes %n bases longer.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>
The sequence becomes %n base(s) shorter.</source>
        <translation>
            <numerusform>
The sequence becomes %n base shorter.</numerusform>
            <numerusform>
The sequence becomes %n bases shorter.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cellocus::EvaluatePanel</name>
    <message numerus="yes">
        <source>%n cell(s) without an r do not count; with 0 for each it is %1, as while fitting</source>
        <translation>
            <numerusform>%n cell without an r does not count; with 0 for it it is %1, as while fitting</numerusform>
            <numerusform>%n cells without an r do not count; with 0 for each it is %1, as while fitting</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n gene(s) without an r do not count; with 0 for each it is %1, as while fitting</source>
        <translation>
            <numerusform>%n gene without an r does not count; with 0 for it it is %1, as while fitting</numerusform>
            <numerusform>%n genes without an r do not count; with 0 for each it is %1, as while fitting</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cellocus::GeneRow</name>
    <message numerus="yes">
        <source>%n in view</source>
        <translation>
            <numerusform>%n in view</numerusform>
            <numerusform>%n in view</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cellocus::JobsModel</name>
    <message numerus="yes">
        <source>%1 (+%n more)</source>
        <translation>
            <numerusform>%1 (+%n more)</numerusform>
            <numerusform>%1 (+%n more)</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cellocus::MainWindow</name>
    <message numerus="yes">
        <source>%n job(s) running.</source>
        <translation>
            <numerusform>%n job running.</numerusform>
            <numerusform>%n jobs running.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cellocus::VerifyDialog</name>
    <message numerus="yes">
        <source>Right weights: the embeddings of %n start site(s) agree with the published ones (largest difference %1, limit %2).</source>
        <translation>
            <numerusform>Right weights: the embedding of %n start site agrees with the published one (largest difference %1, limit %2).</numerusform>
            <numerusform>Right weights: the embeddings of %n start sites agree with the published ones (largest difference %1, limit %2).</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>cellocus::ViolinView</name>
    <message numerus="yes">
        <source>%n group(s)</source>
        <translation>
            <numerusform>%n group</numerusform>
            <numerusform>%n groups</numerusform>
        </translation>
    </message>
</context>
</TS>
