Attribute VB_Name = "InvoiceRulesPython"
Option Explicit

' The way from a button to Python. A client's workbook is untrusted: its sheets, its folder and its name have no say in which Python
' runs, where that Python looks for modules, or what it is told to do. Everything of that comes from the sheet of this add-in.

Public Const FIRST_FAILURE As Long = 1001 ' added to vbObjectError, these are failures that name what to do
Public Const LAST_FAILURE As Long = 1005

Private Const PLAIN_SIGNS As String = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.- "
Private Const FIRST_HIGH As Long = 55296 ' UTF-16 writes signs past 65535 as two units: a high one from here on
Private Const FIRST_LOW As Long = 56320 ' and a low one from here on
Private Const TEMPORARY_FOLDER As Long = 2

Public Function PythonCommand(ByVal name As String) As String
    If Not IsListed(name, IR_COMMANDS) Then Err.Raise vbObjectError + 1001, , "There is no command " & name & " in this version. Run: invoice-rules addin install"
    PythonCommand = "from addin import udfs; udfs." & name & "()"
End Function

Public Function ChoiceCommand(ByVal name As String, ByVal id As String) As String
    If KindOf(name) <> "" Then ChoiceCommand = "from addin import udfs; udfs." & name & "('" & PlainId(id) & "')"
End Function

' What names the lines of a drop-down in the list file.
Public Function KindOf(ByVal name As String) As String
    KindOf = ValueOf(name, IR_CHOICES)
    If KindOf = "" Then Err.Raise vbObjectError + 1001, , "There is no list " & name & " in this version. Run: invoice-rules addin install"
End Function

Public Function LabelOf(ByVal name As String) As String
    LabelOf = ValueOf(name, IR_LABELS)
End Function

' The id itself where it can stand in a Python text as it is, else hex: and its UTF-8; addin.ribbon.ids gives it back.
Public Function PlainId(ByVal id As String) As String
    Dim at As Long
    PlainId = id
    For at = 1 To Len(id)
        If InStr(1, PLAIN_SIGNS, Mid$(id, at, 1), vbBinaryCompare) = 0 Then PlainId = "hex:" & HexOfUtf8(id)
    Next at
End Function

Public Function Setting(ByVal name As String) As String
    Dim cell As Range
    For Each cell In ThisWorkbook.Worksheets(IR_SETTINGS).Range("A1:A9").Cells
        If CStr(cell.Value) = name Then Setting = CStr(cell.Offset(0, 1).Value)
    Next cell
End Function

Public Sub RunPython(ByVal command As String)
    #If Mac Then
        RunOnMac command
    #Else
        RunOnWindows command
    #End If
End Sub

#If Mac Then
' The script is xlwings' own; what it puts into a shell is ours alone, and the workbook's name goes there as hex.
Private Sub RunOnMac(ByVal command As String)
    Dim interpreter As String, answer As String
    interpreter = "'" & Setting("INTERPRETER") & "' " & Setting("OPTIONS")
    On Error GoTo NoScript
    answer = AppleScriptTask("xlwings-" & XLWINGS_VERSION & ".applescript", "VbaHandler", "false|" & interpreter & "|" & PythonLine(command) & "|" & _
        BookAsHex() & "|" & Left$(Application.Path, Len(Application.Path) - 4) & "|" & LogOnMac())
    Exit Sub
NoScript:
    Err.Raise vbObjectError + 1002, , "Excel may not start Python yet. Run once in a terminal: xlwings runpython install"
End Sub
#Else
' Python is started by its full path, without a shell, from its own folder: neither cmd.exe nor a file in the workbook's folder gets in between.
Private Sub RunOnWindows(ByVal command As String)
    Dim files As Object, shell As Object, log As String, before As String, failure As String, code As Long
    Set files = CreateObject("Scripting.FileSystemObject")
    Set shell = CreateObject("WScript.Shell")
    If Not files.FileExists(Setting("INTERPRETER")) Then
        Err.Raise vbObjectError + 1003, , "Python is no longer at " & Setting("INTERPRETER") & ". Run: invoice-rules addin install"
    End If
    log = files.BuildPath(files.GetSpecialFolder(TEMPORARY_FOLDER).Path, "invoice-rules-" & files.GetTempName())
    before = shell.CurrentDirectory
    shell.CurrentDirectory = files.GetParentFolderName(Setting("INTERPRETER"))
    On Error Resume Next ' the user's folder comes back whatever happens
    code = shell.Run(CommandLine(command, log), 0, True)
    failure = Err.Description
    shell.CurrentDirectory = before
    On Error GoTo 0
    If failure <> "" Then Err.Raise vbObjectError + 1005, , "Python could not be started (" & failure & "). Run: invoice-rules addin doctor"
    If code <> 0 Then Err.Raise vbObjectError + 1004, , WhatStopped(files.FileExists(log), log)
    If files.FileExists(log) Then files.DeleteFile log
End Sub
#End If

Public Function CommandLine(ByVal command As String, ByVal log As String) As String
    CommandLine = """" & Setting("INTERPRETER") & """ " & Setting("OPTIONS") & " -c """ & PythonLine(command) & """ --wb=" & BookAsHex() & _
        " --from_xl=1 --hwnd=" & Application.Hwnd & " ""--log=" & log & """"
End Function

Public Function WhatStopped(ByVal logged As Boolean, ByVal log As String) As String
    If logged Then
        WhatStopped = "Invoice Rules stopped before it was done. What happened is written in " & log & "."
    Else
        WhatStopped = "Invoice Rules could not be started. Run: invoice-rules addin doctor"
    End If
End Function

#If Mac Then
Public Function LogOnMac() As String
    LogOnMac = Environ("HOME") & "/invoice-rules.log" ' Excel's own folder there, which needs no permission
End Function
#End If

Private Function PythonLine(ByVal command As String) As String
    PythonLine = "from addin.ribbon import starting; starting.begin(); " & command
End Function

' A workbook's name may hold signs that a command line or xlwings would read as something else.
Private Function BookAsHex() As String
    BookAsHex = "hex:"
    If Not ActiveWorkbook Is Nothing Then BookAsHex = BookAsHex & HexOfUtf8(ActiveWorkbook.Name)
End Function

Private Function IsListed(ByVal name As String, ByVal list As String) As Boolean
    IsListed = name <> "" And InStr(name, "|") = 0 And InStr(1, list, "|" & name & "|", vbBinaryCompare) > 0
End Function

' list is |name=value|name=value|.
Private Function ValueOf(ByVal name As String, ByVal list As String) As String
    Dim pair As Variant
    For Each pair In Split(list, "|")
        If name <> "" And Left$(pair, Len(name) + 1) = name & "=" Then ValueOf = Mid$(pair, Len(name) + 2)
    Next pair
End Function

Public Function HexOfUtf8(ByVal text As String) As String
    Dim at As Long, code As Long, low As Long
    at = 1
    Do While at <= Len(text)
        code = UnitAt(text, at)
        If code >= FIRST_HIGH And code < FIRST_LOW And at < Len(text) Then
            low = UnitAt(text, at + 1)
            code = &H10000 + (code - FIRST_HIGH) * 1024 + (low - FIRST_LOW)
            at = at + 1
        End If
        HexOfUtf8 = HexOfUtf8 & HexOfCode(code)
        at = at + 1
    Loop
End Function

' AscW gives units past &H7FFF as negative numbers.
Private Function UnitAt(ByVal text As String, ByVal at As Long) As Long
    UnitAt = AscW(Mid$(text, at, 1))
    If UnitAt < 0 Then UnitAt = UnitAt + &H10000
End Function

Private Function HexOfCode(ByVal code As Long) As String
    Select Case code
        Case Is < &H80: HexOfCode = TwoHex(code)
        Case Is < &H800: HexOfCode = TwoHex(&HC0 + code \ &H40) & Continued(code)
        Case Is < &H10000: HexOfCode = TwoHex(&HE0 + code \ &H1000) & Continued(code \ &H40) & Continued(code)
        Case Else: HexOfCode = TwoHex(&HF0 + code \ &H40000) & Continued(code \ &H1000) & Continued(code \ &H40) & Continued(code)
    End Select
End Function

Private Function Continued(ByVal code As Long) As String
    Continued = TwoHex(&H80 + (code And &H3F))
End Function

Private Function TwoHex(ByVal number As Long) As String
    TwoHex = Right$("0" & Hex$(number), 2)
End Function
